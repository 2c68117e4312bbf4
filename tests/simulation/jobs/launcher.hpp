// Why: zrun, as its node sees it: submits, writes what comes and gives credit for it, feeds stdin, sends signals,
// insists, or vanishes. It checks what it is told: everything in order and once, one last word, nothing after it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/random.hpp"
#include "daemon/node.hpp"
#include "tests/simulation/jobs/book.hpp"

namespace zel::simulation::jobs {

class Cluster;

class Launcher {
 public:
  Launcher(Cluster& cluster, JobRecord& job, daemon::LauncherNumber number, base::Random random);

  void begin();
  void on_message(const wire::run::ToLauncher& message);
  void on_forget();
  /// Its node's process died, or drops it: the connection ends.
  void on_node_gone();
  /// The user has had enough.
  void kill();
  void signal(int number);
  void vanish();
  /// As an administrator does on its node.
  void kill_by_name();

  /// It needs nothing more of its node.
  bool done() const { return last_word_ || gone_; }
  bool was_planned() const { return job_.planned.has_value(); }
  const JobRecord& job() const { return job_; }

 private:
  struct Stream {
    std::uint64_t received = 0, credited = 0;
    bool ended = false;
  };
  void say(wire::run::ToNode message, double most_ms = 5);
  void hear(const wire::run::Output& output);
  void hear(const wire::run::OutputEnd& end);
  void hear_exit(const wire::run::Exited& exited);
  void last_word(int status, const std::string& cause, bool ran);
  void check_end(int status, const std::string& cause) const;
  void feed();
  std::string who() const;
  [[noreturn]] void fail(const std::string& what) const;

  Cluster& cluster_;
  JobRecord& job_;
  daemon::LauncherNumber number_;
  base::Random random_;
  bool gone_ = false;          // vanished, or its node is no more
  bool last_word_ = false;
  bool forgotten_ = false;
  bool slow_ = false;
  std::int64_t said_ns_ = 0;   // the socket keeps the order
  std::set<std::uint32_t> started_, exited_;
  std::map<std::pair<std::uint32_t, wire::run::Stream>, Stream> streams_;
  std::uint64_t stdin_sent_ = 0, stdin_credited_ = 0;
  bool stdin_closed_ = false;
};

}  // namespace zel::simulation::jobs
