// zeld nodes: which nodes this one knows.
#include "daemon/cli/render.hpp"
#include "daemon/cli/report.hpp"

namespace zel::cli {

void add_nodes(CLI::App& app, Run& run) {
  add_report<wire::admin::Nodes>(app, run, "nodes", "Which nodes it knows: id, name, address, distance, free cores, state",
                                 wire::admin::NodesRequest{}, nodes_text, nodes_json);
}

}  // namespace zel::cli
