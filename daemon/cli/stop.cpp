// zeld stop: the node leaves the others, ends its jobs and exits; this waits until it has.
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "base/unique_fd.hpp"
#include "daemon/cli/admin_client.hpp"
#include "daemon/cli/command.hpp"

namespace zel::cli {

namespace {

// More than a node takes at most: docs/protocol/admin.md.
constexpr int patience_ms = 30'000;

int stop(const std::string& wish) {
  const auto status = ask_for<wire::admin::Status>(wish, wire::admin::StatusRequest{});
  if (!status) return complain(status.error());
  const base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, status->pid, 0)));
  if (const auto done = ask_for<wire::admin::Done>(wish, wire::admin::StopRequest{}); !done) return complain(done.error());
  if (!process) return 0;  // it may be gone already
  pollfd entry{process.get(), POLLIN, 0};
  if (::poll(&entry, 1, patience_ms) == 1) return 0;
  const std::string pid = std::to_string(status->pid);
  return complain({base::Errc::limit_reached, "the node (pid " + pid + ") has not ended after " +
                                                  std::to_string(patience_ms / 1000) + " s; kill -9 " + pid + " ends it"});
}

}  // namespace

void add_stop(CLI::App& app, Run& run) {
  CLI::App* command = app.add_subcommand("stop", "Leave the other nodes, end the jobs here, exit");
  const NodeWish node = add_node_option(*command);
  command->callback([node, &run] { run = [node = *node] { return stop(node); }; });
}

}  // namespace zel::cli
