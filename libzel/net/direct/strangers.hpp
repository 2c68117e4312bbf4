// Why: whoever finds the port of a rank can connect to it, and a connection costs the program a descriptor before it has
// shown a key. ZeroMQ bounds the time of that; this bounds the number. The oldest is cut first: who means well speaks at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

namespace zel::net {

class Strangers {
 public:
  explicit Strangers(std::size_t most) : most_(most) {}

  void on_accepted(int descriptor) { waiting_.push_back(descriptor); }
  void on_gone(int descriptor) { std::erase(waiting_, descriptor); }
  /// Cuts those that are too many, of those that came in at `port` and have not spoken.
  void cut_surplus(std::uint16_t port, const std::function<bool(int descriptor)>& has_spoken);

 private:
  std::size_t most_;
  std::deque<int> waiting_;  // the oldest first
};

}  // namespace zel::net
