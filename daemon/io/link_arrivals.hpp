// Why: whoever finds a port can connect to it, and a connection costs a descriptor and memory before it has said a
// word. Those that have not greeted are bounded in number and in time. The oldest is cut first: who means well
// greets at once. Pure: what happened in, which descriptors to cut out.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"

namespace zel::io {

class LinkArrivals {
 public:
  LinkArrivals(std::size_t most, base::Duration patience) : most_(most), patience_(patience) {}

  /// ZeroMQ may tell of it after its first message came.
  void on_accepted(int descriptor, base::Time now) {
    const auto found = connections_.find(descriptor);
    if (found == connections_.end() || !found->second.greeted) wait(descriptor, now);
  }
  /// Somebody of the realm said something on it.
  void on_spoke(int descriptor) { connections_[descriptor].spoke = true; }
  void on_greeted(int descriptor) {
    Connection& connection = connections_[descriptor];
    connection.greeted = true;
    waiting_.erase(connection.place);
  }
  /// It is a visitor's no more and should go by itself.
  void on_dismissed(int descriptor, base::Time now) { wait(descriptor, now); }
  /// It ended. False: nobody of the realm ever spoke on it.
  bool on_gone(int descriptor) {
    const auto found = connections_.find(descriptor);
    if (found == connections_.end()) return false;
    const bool spoke = found->second.spoke;
    waiting_.erase(found->second.place);
    connections_.erase(found);
    return spoke;
  }

  std::size_t waiting() const { return waiting_.size(); }
  /// Those too many and those too old. Each is named once.
  std::vector<int> take_unwanted(base::Time now) {
    std::vector<int> unwanted;
    while (!waiting_.empty() && (waiting_.size() > most_ || waiting_.begin()->second.until <= now)) {
      unwanted.push_back(waiting_.begin()->second.descriptor);
      waiting_.erase(waiting_.begin());
    }
    return unwanted;
  }

 private:
  struct Connection {
    bool spoke = false;
    bool greeted = false;
    std::uint64_t place = 0;  // among those that wait; 0: it does not
  };
  struct Waiting {
    int descriptor;
    base::Time until;
  };
  void wait(int descriptor, base::Time now) {
    Connection& connection = connections_[descriptor];
    waiting_.erase(connection.place);
    connection.greeted = false;
    connection.place = ++last_place_;
    waiting_.emplace(connection.place, Waiting{descriptor, now + patience_});
  }

  std::size_t most_;
  base::Duration patience_;
  std::uint64_t last_place_ = 0;
  std::unordered_map<int, Connection> connections_;
  std::map<std::uint64_t, Waiting> waiting_;  // the oldest first
};

}  // namespace zel::io
