// Why: what stands behind zel::Membership: the log as received so far and the view it adds up to. The
// listener thread adds entries; any thread reads and waits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "libzel/member/view.hpp"
#include "wire/member.hpp"
#include "zel/membership.hpp"

namespace zel::detail {

class MembershipState {
 public:
  /// How a request reaches the node. Throws Error node_lost.
  using Ask = std::function<void(const wire::member::ToNode&)>;

  MembershipState(int rank, int size, Ask ask);

  // Called by the listener.
  void add(const std::vector<wire::member::Event>& events);
  void refused(const std::string& text);
  void node_gone(const std::string& cause);

  // Called by users.
  std::vector<Event> poll();
  std::optional<Event> wait(std::chrono::milliseconds limit);
  std::vector<int> present() const;
  std::vector<int> departed() const;
  bool is_present(int rank) const;
  std::uint64_t sequence() const;
  int elect(std::string_view name, std::chrono::milliseconds limit);
  std::optional<int> holder(std::string_view name) const;
  void signal(const std::vector<int>& ranks, std::string_view text);
  void wait_closed(std::chrono::milliseconds limit);
  bool closed() const;
  void terminate();
  bool terminated() const;
  /// Waits until this member's own joining is in the log.
  void wait_joined(std::chrono::milliseconds limit);

 private:
  template <class Condition>
  void wait_until(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds limit, const std::string& what,
                  Condition condition);
  bool is_over() const { return !node_gone_.empty(); }

  const int rank_;
  const int size_;
  const Ask ask_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  member::View view_;
  std::deque<Event> unread_;
  std::string node_gone_;  // why, or empty
  std::string refused_;    // the last refusal, for the election that waits
};

}  // namespace zel::detail
