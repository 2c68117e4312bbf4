// zeld kill: ends one job.
#include <cstdio>

#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"

namespace zel::cli {

void add_kill(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("kill", "End a job, by the name that 'zeld jobs' shows");
  const NodeWish node = add_node_option(*command);
  const auto job = std::make_shared<std::string>();
  command->add_option("JOB", *job, "The job's name")->required();
  command->callback([node, job, &run] {
    run = [node = *node, job = *job] {
      const auto done = ask_for<wire::admin::Done>(node, wire::admin::KillRequest{job});
      return done ? 0 : complain(done.error());
    };
  });
}

}  // namespace zel::cli
