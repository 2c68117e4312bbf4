// Why: a malleable program needs to know who is there. The node that manages the job orders all that happens
// to its members into one log: joined, left, died, elected, signalled, closed, terminated. Every member sees
// the same entries in the same order. (JEL: Drost et al., "JEL: unified resource tracking for parallel and
// distributed applications", 2011.)
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zel/error.hpp"
#include "zel/export.hpp"

namespace zel {

namespace detail {
class MembershipState;
}

enum class EventKind : std::uint8_t {
  joined,      // rank is a member from here on
  left,        // rank ended in order
  died,        // rank ended without leaving; text is the cause
  elected,     // rank holds the election named text
  signalled,   // a member sent this member the text; rank is the sender
  closed,      // every rank of the job has joined or ended: nobody new will come
  terminated,  // a member asked all to end; rank is who
};

/// One entry of the log. Entries of kind signalled are only seen by those they are for, so sequence numbers
/// grow but may have gaps.
struct Event {
  std::uint64_t sequence = 0;
  EventKind kind = EventKind::joined;
  int rank = 0;
  std::string text;
};

/// This member's view of the log. Thread-safe: every call may be made from any thread.
class ZEL_API Membership {
 public:
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds default_wait{60'000};

  explicit Membership(std::shared_ptr<detail::MembershipState> state);
  ~Membership();

  /// The entries that came since the last call of poll() or wait(), in order; empty if none. The first
  /// call begins with the first entry of the log. O(entries returned). Of entries nobody reads the last
  /// 100,000 are kept; present(), holder() and the rest always know all.
  std::vector<Event> poll();
  /// The next entry, waiting for it up to `limit`; nothing if none came. Throws Error: node_lost.
  std::optional<Event> wait(Milliseconds limit);

  /// The ranks that have joined and not left or died, ascending, by what was received so far (also of
  /// entries that poll() has not returned yet).
  std::vector<int> present() const;
  bool is_present(int rank) const;
  /// How many entries have been received.
  std::uint64_t sequence() const;

  /// Stands for the election `name` and waits for its result: the rank that holds it. First come, first
  /// elected; when the holder leaves or dies, the next of those who stood is elected and all see it.
  /// `name` has 1 to 256 bytes. Throws Error: usage, node_lost, limit_reached when `limit` is over.
  int elect(std::string_view name, Milliseconds limit = default_wait);
  /// Who holds the election, without standing; nothing if nobody does.
  std::optional<int> holder(std::string_view name) const;

  /// Sends a short text to members, who see it as `signalled`, ordered with everything else. At most 4096
  /// bytes. Ranks that are not present are skipped. Throws Error: usage, node_lost.
  void signal(const std::vector<int>& ranks, std::string_view text);

  /// Waits until every rank of the job has joined or ended. Throws Error: limit_reached, node_lost.
  void wait_closed(Milliseconds limit = default_wait);
  bool closed() const;

  /// Asks all members to end; everyone sees `terminated`. Nothing is killed. Throws Error: node_lost.
  void terminate();
  bool terminated() const;

 private:
  std::shared_ptr<detail::MembershipState> state_;
};

}  // namespace zel
