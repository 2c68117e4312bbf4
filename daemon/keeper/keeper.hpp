// Why: a job's processes need a parent that does nothing but mind them. The keeper is the root of one job's
// process tree on one host: it starts the ranks, reports their ends, and kills the whole tree when it is told
// to, or when its node is gone. If the keeper itself is killed, the kernel kills the ranks with it and hands
// the orphans to the node, which sweeps them. So whoever dies, someone is left who cleans up.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <memory>
#include <unordered_map>

#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "daemon/keeper/spawner.hpp"
#include "wire/channel.hpp"
#include "wire/keeper.hpp"

namespace zel::keeper {

class Keeper {
 public:
  /// `node` is the connected end of the node's socket pair. All signals must be blocked in this thread.
  explicit Keeper(base::UniqueFd node);

  /// Runs until the job is swept or the node is gone; then nothing of the job is left. Returns the exit
  /// status for the process.
  int run();

 private:
  struct Running {
    std::uint32_t rank;
    base::Time started;
    bool told_to_end = false;  // SIGTERM reached it alive
  };
  struct Ended {
    int status;
    rusage usage;
  };

  base::Result<void> handle(const wire::keeper::ToKeeper& message);
  base::Result<void> handle_messages();
  void handle_outcomes();
  void reap();
  void report_end(const Running& running, const Ended& ended);
  void tell(const wire::keeper::ToNode& message);
  int sweep_and_answer();

  wire::Channel node_;
  base::UniqueFd child_ended_;  // signalfd for SIGCHLD
  Image image_;
  bool has_program_ = false;
  std::string directory_;
  int chdir_error_ = 0;
  bool sweeping_ = false;
  std::unique_ptr<Spawner> spawner_;
  std::unordered_map<pid_t, Running> running_;
  std::unordered_map<pid_t, Ended> unclaimed_;  // ended before its start was reported; or an orphan
};

}  // namespace zel::keeper
