#include "libzel/member/membership_state.hpp"

namespace zel::detail {

namespace {

// A program that never reads the log must not hold all of it: the oldest unread entries are dropped. The
// view is not affected.
constexpr std::size_t max_unread = 100'000;

Event as_public(const wire::member::Event& event) {
  return {event.sequence, static_cast<EventKind>(event.kind), static_cast<int>(event.rank), event.text};
}

}  // namespace

MembershipState::MembershipState(int rank, int size, Ask ask) : rank_(rank), size_(size), ask_(std::move(ask)) {}

void MembershipState::add(const std::vector<wire::member::Event>& events) {
  const std::lock_guard lock(mutex_);
  for (const auto& event : events) {
    view_.apply(event);
    unread_.push_back(as_public(event));
  }
  if (unread_.size() > max_unread) {
    unread_.erase(unread_.begin(), unread_.end() - static_cast<std::ptrdiff_t>(max_unread));
  }
  changed_.notify_all();
}

void MembershipState::refused(const std::string& text) {
  const std::lock_guard lock(mutex_);
  refused_ = text;
  changed_.notify_all();
}

void MembershipState::node_gone(const std::string& cause) {
  const std::lock_guard lock(mutex_);
  node_gone_ = cause;
  changed_.notify_all();
}

template <class Condition>
void MembershipState::wait_until(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds limit,
                                 const std::string& what, Condition condition) {
  const bool in_time = changed_.wait_for(lock, limit, [&] { return condition() || is_over(); });
  if (condition()) return;
  if (is_over()) throw Error(Errc::node_lost, node_gone_);
  if (!in_time) {
    throw Error(Errc::limit_reached, what + " did not come within " + std::to_string(limit.count()) +
                                         " ms; " + std::to_string(view_.present().size()) + " of " +
                                         std::to_string(size_) + " ranks are present");
  }
}

std::vector<Event> MembershipState::poll() {
  const std::lock_guard lock(mutex_);
  const auto taken = std::exchange(unread_, {});
  return {taken.begin(), taken.end()};
}

std::optional<Event> MembershipState::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, limit, [this] { return !unread_.empty() || is_over(); });
  if (unread_.empty()) {
    if (is_over()) throw Error(Errc::node_lost, node_gone_);
    return std::nullopt;
  }
  Event first = std::move(unread_.front());
  unread_.pop_front();
  return first;
}

std::vector<int> MembershipState::present() const {
  const std::lock_guard lock(mutex_);
  return view_.present();
}

std::vector<int> MembershipState::departed() const {
  const std::lock_guard lock(mutex_);
  return view_.departed();
}

bool MembershipState::is_present(int rank) const {
  const std::lock_guard lock(mutex_);
  return view_.is_present(rank);
}

std::uint64_t MembershipState::sequence() const {
  const std::lock_guard lock(mutex_);
  return view_.applied();
}

int MembershipState::elect(std::string_view name, std::chrono::milliseconds limit) {
  if (name.empty() || name.size() > wire::member::max_name_bytes) {
    throw Error(Errc::usage, "the name of an election has 1 to 256 bytes");
  }
  const std::string election(name);
  {
    const std::lock_guard lock(mutex_);
    refused_.clear();
  }
  ask_(wire::member::Elect{election});
  std::unique_lock lock(mutex_);
  wait_until(lock, limit, "the result of election '" + election + "'",
             [&] { return view_.holder(election).has_value() || !refused_.empty(); });
  if (!view_.holder(election)) throw Error(Errc::usage, std::exchange(refused_, {}));
  return *view_.holder(election);
}

std::optional<int> MembershipState::holder(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return view_.holder(std::string(name));
}

void MembershipState::signal(const std::vector<int>& ranks, std::string_view text) {
  if (text.size() > wire::member::max_signal_bytes) throw Error(Errc::usage, "a signal has at most 4096 bytes");
  wire::member::SignalMembers request{std::string(text), {}};
  for (const int rank : ranks) {
    if (rank < 0 || rank >= size_) {
      throw Error(Errc::usage, "cannot signal rank " + std::to_string(rank) + ": ranks are 0 to " +
                                   std::to_string(size_ - 1));
    }
    request.to.push_back(static_cast<std::uint32_t>(rank));
  }
  ask_(request);
}

void MembershipState::wait_closed(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  wait_until(lock, limit, "the closing of the membership", [&] { return view_.closed(); });
}

void MembershipState::wait_joined(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  wait_until(lock, limit, "this rank's own joining", [&] { return view_.is_present(rank_); });
}

bool MembershipState::closed() const {
  const std::lock_guard lock(mutex_);
  return view_.closed();
}

void MembershipState::terminate() { ask_(wire::member::Terminate{}); }

bool MembershipState::terminated() const {
  const std::lock_guard lock(mutex_);
  return view_.terminated();
}

}  // namespace zel::detail
