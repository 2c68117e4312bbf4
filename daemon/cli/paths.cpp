// zeld paths: by which way it reaches its peers.
#include <cstdio>

#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/render.hpp"

namespace zel::cli {

void add_paths(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("paths", "How it reaches its peers: directly, called back or through a relay, and why");
  const NodeWish node = add_node_option(*command);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "For programs: JSON instead of a table");
  command->callback([node, json, &run] {
    run = [node = *node, json = *json] {
      const auto answer = ask_for<wire::admin::Paths>(node, wire::admin::PathsRequest{});
      if (!answer) return complain(answer.error());
      std::fputs((json ? paths_json(*answer) : paths_text(*answer)).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace zel::cli
