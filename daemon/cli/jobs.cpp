// zeld jobs: what runs here.
#include "daemon/cli/render.hpp"
#include "daemon/cli/report.hpp"

namespace zel::cli {

void add_jobs(CLI::App& app, Run& run) {
  add_report<wire::admin::Jobs>(app, run, "jobs", "Which jobs run here", wire::admin::JobsRequest{}, jobs_text, jobs_json);
}

}  // namespace zel::cli
