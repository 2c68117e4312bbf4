// Why: ranks on several hosts are processes with a node each, so their tests need some: forked, over a memfd
// per host, with the test in the place of all nodes: it welcomes, keeps the log and carries posts in order.
// What a rank runs is the whole of libzel, from its socket up. Every wait has a limit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "tests/libzel/message/ranks.hpp"
#include "wire/channel.hpp"
#include "wire/member.hpp"
#include "zel/job.hpp"

namespace zel::test {

class Hosts {
 public:
  using Body = std::function<void(Job&)>;
  /// A rank without libzel: it gets its socket.
  using Stranger = std::function<void(wire::Channel&)>;
  struct Options {
    std::vector<int> host_of{0, 1};  // by rank
    int cores = 2;
    std::chrono::seconds limit{30};
    std::vector<std::string> addresses{};  // where ranks may take connections
    std::chrono::microseconds delay{0};  // of everything a member is told
    std::map<int, Stranger> strangers{};
    /// Called for every post when it is taken over, with sender and receiver, and how many of the sender's came
    /// before it.
    std::function<void(Hosts&, int from, int to, std::uint64_t before)> on_post{};
  };

  Hosts(Options options, Body body);
  ~Hosts();
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  /// Plays the nodes until all ranks have ended. The wait statuses; -1 for one that hung.
  std::vector<int> finish();
  void kill(int rank);
  /// The node of `host` vanishes: its ranks lose their sockets.
  void vanish(int host);
  /// When `rank` has left or died.
  void on_departure(int rank, std::function<void(Hosts&)> call) { departure_calls_[rank] = std::move(call); }
  /// When a rank has asked for the end.
  void on_terminated(std::function<void(Hosts&)> call) { terminated_call_ = std::move(call); }
  /// Puts `terminated` into the log.
  void terminate() { log(wire::member::EventKind::terminated, 0); }

  /// The most that was ever on the way from one rank to another.
  std::size_t most_on_the_way_bytes() const { return most_on_the_way_bytes_; }
  std::uint64_t posts() const { return posts_; }
  std::uint64_t credits() const { return credits_; }

 private:
  struct Told {
    base::Time due;
    wire::member::ToMember message;
  };
  struct Rank {
    pid_t pid = -1;
    wire::Channel channel;
    bool joined = false;
    bool gone = false;
    bool leaving = false;  // its channel is closed when all has been told
    int status = -1;
    std::uint64_t posted = 0;
    std::deque<Told> told;
  };

  [[noreturn]] void run(int rank, base::UniqueFd socket, const Body& body);
  void handle(int rank, wire::member::ToNode&& message);
  void welcome(int rank);
  void carry(int from, wire::member::Post&& post);
  void credit(int from, const wire::member::PostCredit& credit);
  void depart(int rank, wire::member::EventKind kind, std::string text);
  void log(wire::member::EventKind kind, int rank, std::string text = {});
  void tell(int rank, wire::member::ToMember message);
  void read(int rank);
  void write(int rank);
  void reap();
  Rank& at(int rank) { return ranks_[static_cast<std::size_t>(rank)]; }
  int size() const { return static_cast<int>(ranks_.size()); }

  Options options_;
  std::uint64_t segment_bytes_;
  std::vector<base::UniqueFd> segments_;  // by host
  std::vector<Rank> ranks_;
  std::vector<wire::member::Event> log_;
  bool closed_ = false;
  std::map<int, std::function<void(Hosts&)>> departure_calls_;
  std::function<void(Hosts&)> terminated_call_;
  std::map<std::pair<int, int>, std::size_t> on_the_way_bytes_;
  std::size_t most_on_the_way_bytes_ = 0;
  std::uint64_t posts_ = 0;
  std::uint64_t credits_ = 0;
};

/// Runs `body` in each rank; true if all of them ended well and kept to their windows.
bool all_end_well(Hosts::Options options, Hosts::Body body);

}  // namespace zel::test
