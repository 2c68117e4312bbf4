// zeld paths: by which way it reaches its peers.
#include "daemon/cli/render.hpp"
#include "daemon/cli/report.hpp"

namespace zel::cli {

void add_paths(CLI::App& app, Run& run) {
  add_report<wire::admin::Paths>(app, run, "paths", "How it reaches its peers: directly, called back or through a relay, and why",
                                 wire::admin::PathsRequest{}, paths_text, paths_json);
}

}  // namespace zel::cli
