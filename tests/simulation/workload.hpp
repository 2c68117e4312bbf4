// Why: leases are only tried by jobs that come, race, start, end, are called off, and die with their seeker.
// This plays the part of the node around the engines: it seeks, commits at the hosts, and gives back.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/world.hpp"

namespace zel::simulation {

class Workload : public Watcher {
 public:
  Workload(World& world, Ledger& ledger, base::Random random);

  /// A job as a user would ask for it, at some node that is up.
  void submit_random();
  /// One that runs for `length_ns`; returns its place in jobs().
  std::size_t submit(NodeIndex seeker, const schedule::Wanted& wanted, std::int64_t length_ns);
  void cancel(std::size_t job);

  enum class State : std::uint8_t { seeking, starting, running, over };
  struct Held {
    NodeIndex host = 0;
    std::uint32_t host_life = 0;
    schedule::Grant grant;
    bool is_committed = false;
  };
  struct Job {
    NodeIndex seeker = 0;
    std::uint32_t seeker_life = 0;
    schedule::Wanted wanted;
    std::int64_t length_ns = 0;
    State state = State::seeking;
    bool was_found = false;
    std::int64_t sought_ns = 0, answered_ns = 0;
    std::vector<Held> held;
  };
  const std::deque<Job>& jobs() const { return jobs_; }
  /// Jobs that are not over though their seeker lives.
  std::size_t unfinished() const;
  std::size_t found() const { return found_; }

  void on_gone(NodeIndex node) override;
  void on_action(NodeIndex node, const PeerAction& action) override;

 private:
  void on_found(NodeIndex node, const schedule::Found& found);
  void on_not_found(NodeIndex node, schedule::SearchNumber search);
  Job& seeking_job(NodeIndex node, schedule::SearchNumber search);
  void check_answered(std::size_t job);
  void commit(std::size_t job, std::size_t held);
  void committed(std::size_t job, std::size_t held, bool granted);
  void finish(std::size_t job);
  void give_back(const Held& held);

  World& world_;
  Ledger& ledger_;
  base::Random random_;
  std::deque<Job> jobs_;          // the place is the search number
  std::size_t found_ = 0;
};

}  // namespace zel::simulation
