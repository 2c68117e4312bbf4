// zeld status: how the node on this machine is.
#include <cstdio>

#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"
#include "daemon/cli/render.hpp"

namespace zel::cli {

void add_status(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("status", "How the node here is");
  const NodeWish node = add_node_option(*command);
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "For programs: JSON instead of a table");
  command->callback([node, json, &run] {
    run = [node = *node, json = *json] {
      const auto answer = ask_for<wire::admin::Status>(node, wire::admin::StatusRequest{});
      if (!answer) return complain(answer.error());
      std::fputs((json ? status_json(*answer) : status_text(*answer)).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace zel::cli
