// Why: subcommands that only show what the node answers are the same but for what they ask and how it is written.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"

namespace zel::cli {

/// A subcommand that asks the node and prints its answer, with --json for programs.
template <class Answer, class Request>
void add_report(CLI::App& app, Run& run, const char* name, const char* what_for, const Request& request,
                std::string (*text)(const Answer&), std::string (*json)(const Answer&)) {
  CLI::App* command = app.add_subcommand(name, what_for);
  const NodeWish node = add_node_option(*command);
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "For programs: JSON instead of a table");
  command->callback([=, &run] {
    run = [=, node = *node, as_json = *as_json] {
      const auto answer = ask_for<Answer>(node, request);
      if (!answer) return complain(answer.error());
      std::fputs((as_json ? json(*answer) : text(*answer)).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace zel::cli
