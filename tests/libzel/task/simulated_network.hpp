// Why: ranks that steal from one another, with delays, late starts and deaths, replayable from one number.
// Each rank is a thread, because its tasks need a stack, but only the one that holds the baton runs; who gets
// it next, when a message arrives and who dies when is drawn from the seed. Time is virtual.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <semaphore>
#include <string>
#include <vector>

#include "libzel/task/transport.hpp"

namespace zel::task {

struct SimulationSetup {
  int size = 4;
  std::uint64_t seed = 1;
  int kills = 0;  // ranks other than 0 that die on the way
  bool kill_root = false;
  std::int64_t kill_window_us = 1500;  // when they die, from the start
  std::int64_t start_window_us = 300;  // ranks begin within it
};

class SimulatedNetwork {
 public:
  using Program = std::function<void(TaskTransport&, const TaskClock&)>;

  explicit SimulatedNetwork(const SimulationSetup& setup);
  ~SimulatedNetwork();

  /// Runs the program at every rank until all have returned. What a rank that died throws is ignored.
  void run(const Program& program);

  bool died(int rank) const;
  /// Empty if all went well: what a rank threw, or that all waited for ever.
  const std::string& failure() const { return failure_; }

 private:
  class Transport;
  struct Rank;
  struct InFlight {
    std::int64_t at;
    base::Bytes bytes;
  };

  Rank& rank(int index) const { return *ranks_[static_cast<std::size_t>(index)]; }
  std::int64_t draw(std::int64_t low, std::int64_t high);
  void maybe_switch(int from, int one_in);
  void switch_from(int from);
  bool runnable(int index) const;
  bool has_news(int index) const;
  bool message_due(int index) const;
  std::uint64_t version(int observer) const;
  Presence presence_of(int observer, int index) const;
  std::int64_t next_event() const;
  int choose();

  const SimulationSetup setup_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Rank>> ranks_;
  std::int64_t now_ns_ = 0;
  std::int64_t longest_delay_ns_;
  bool deadlock_ = false;
  std::string failure_;
};

}  // namespace zel::task
