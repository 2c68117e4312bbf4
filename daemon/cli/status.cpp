// zeld status: how the node on this machine is.
#include "daemon/cli/render.hpp"
#include "daemon/cli/report.hpp"

namespace zel::cli {

void add_status(CLI::App& app, Run& run) {
  add_report<wire::admin::Status>(app, run, "status", "How the node here is", wire::admin::StatusRequest{}, status_text, status_json);
}

}  // namespace zel::cli
