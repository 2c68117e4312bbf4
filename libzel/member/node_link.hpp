// Why: this process's connection to its node. One thread listens on it for the life of the Job, so that the
// death of a peer is noticed also by a rank that waits for a message; any thread may ask.
#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.hpp"
#include "wire/channel.hpp"
#include "wire/member.hpp"

namespace zel::member {

class NodeLink {
 public:
  /// What the listener thread calls. Until stop() returns they may be called at any time.
  struct Listener {
    std::function<void(const std::vector<wire::member::Event>&)> on_events;
    std::function<void(const std::string&)> on_refused;
    std::function<void(wire::member::Post)> on_post;
    std::function<void(const wire::member::PostCredit&)> on_post_credit;
    std::function<void(const std::string&)> on_node_gone;
  };
  struct Joined {
    wire::member::Welcome welcome;
    base::UniqueFd segment;
  };

  explicit NodeLink(base::UniqueFd socket);
  ~NodeLink();

  /// Says hello and waits for the welcome. Throws Error: usage (refused), node_lost.
  Joined join();
  void listen(Listener listener);
  /// Sends a request. From any thread. Throws Error node_lost.
  void ask(const wire::member::ToNode& request);
  /// Leaves in order and ends the listener. Never throws; bounded by a few seconds.
  void leave() noexcept;

 private:
  void run();
  bool handle(base::ByteView message);

  const pid_t process_;    // a forked child has neither the thread nor the right to speak
  wire::Channel channel_;  // read by the listener, written under the mutex
  std::mutex writing_;
  Listener listener_;
  std::thread thread_;
};

}  // namespace zel::member
