// Why: that a member or the node is gone is learnt by the thread that listens to the node, and matters to
// the thread that sends and receives. This is where the one leaves it for the other.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace zel::message {

class Departures {
 public:
  struct Member {
    int rank;
    std::string cause;
    bool in_order;
  };
  struct News {
    std::vector<Member> members;
    std::optional<std::string> node;                   // the cause
  };

  // Any thread.
  void member_gone(int rank, std::string cause, bool in_order);
  void node_gone(std::string cause);

  // The thread of the messages.
  bool any() const { return any_.load(std::memory_order_acquire); }
  News take();

 private:
  std::atomic<bool> any_{false};
  std::mutex mutex_;
  News news_;
};

}  // namespace zel::message
