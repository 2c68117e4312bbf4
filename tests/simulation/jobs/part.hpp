// Why: a node starts ranks through a keeper and reads their pipes; here both are played, with all they may do:
// start, write, end, fail, ignore a signal, not start at all. Beside it the checks of what a host is told to do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/random.hpp"
#include "daemon/node.hpp"
#include "tests/simulation/jobs/book.hpp"
#include "tests/simulation/jobs/member.hpp"

namespace zel::simulation::jobs {

class Cluster;

class Part : public std::enable_shared_from_this<Part> {
 public:
  Part(Cluster& cluster, JobRecord& job, NodeIndex host, base::Random random);

  void carry_out(const job::HostAction& action);
  /// The node's process died: so do keeper and ranks.
  void on_node_gone();
  bool forgotten() const { return forgotten_; }
  std::int64_t began_ns() const { return began_ns_; }
  const JobRecord& job() const { return job_; }

 private:
  enum class Keeper : std::uint8_t { none, works, sweeps, stuck, ended };
  enum class State : std::uint8_t { waiting, running, ended };
  struct Output {
    std::uint64_t written = 0, sent = 0, credit = 0;
    bool said_end = false;
  };
  struct Rank {
    State state = State::waiting;
    bool closed = false;          // nobody holds its pipes any more
    bool deaf = false;
    bool endless = false;
    Output output[2];
    std::unique_ptr<Member> member;
  };

  void start(const job::StartRanks& start);
  void spawn(std::uint32_t rank);
  void live(std::uint32_t rank);
  void write(std::uint32_t rank, std::uint32_t which, std::uint64_t bytes);
  void member_acts(std::uint32_t rank);
  void end_rank(std::uint32_t rank, int code, int signal, bool told, bool reported);
  void close(std::uint32_t rank);
  void pump(std::uint32_t rank, std::uint32_t which);
  void on_signal(const wire::keeper::Signal& signal);
  void sweep();
  void lose_keeper();
  void take_stdin(const wire::run::StdinData& data);
  void over();
  void keeper_says(wire::keeper::ToNode message);
  void later(std::int64_t delay_ns, std::function<void()> call);
  std::int64_t soon(double most_ms) { return static_cast<std::int64_t>(random_.unit() * most_ms * 1e6); }

  Cluster& cluster_;
  JobRecord& job_;
  NodeIndex host_;
  std::uint32_t life_;
  base::Random random_;
  std::int64_t began_ns_;
  Keeper keeper_ = Keeper::none;
  bool forgotten_ = false;
  std::map<std::uint32_t, Rank> ranks_;
  std::int64_t said_ns_ = 0;      // the keeper's socket keeps the order
  std::uint64_t stdin_bytes_ = 0;
};

}  // namespace zel::simulation::jobs
