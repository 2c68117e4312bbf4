// Why: which message goes to which receive is a matter of lists only, so it is decided here with no memory
// shared, no bytes moved and nobody waiting. The rules are MPI's:
//  * a receive takes the oldest message that matches it; a message goes to the oldest receive that matches it;
//  * messages of one sender and context are therefore received in the order sent, if the patterns allow;
//  * a pattern may leave sender and tag open, never the context.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "libzel/message/context.hpp"

namespace zel::message {

using detail::Context;

struct Header {
  Context context = Context::user;
  int from = 0;
  int tag = 0;
  std::uint64_t bytes = 0;
};

/// -1 (any_rank, any_tag) leaves sender or tag open.
struct Pattern {
  Context context = Context::user;
  int from = -1;
  int tag = -1;
};

inline bool matches(const Pattern& pattern, const Header& header) {
  return pattern.context == header.context && (pattern.from < 0 || pattern.from == header.from) &&
         (pattern.tag < 0 || pattern.tag == header.tag);
}

/// Chosen by the caller: small numbers, each used for one waiting message or receive at a time.
using MessageId = std::uint32_t;
using ReceiveId = std::uint32_t;

class Matcher {
 public:
  explicit Matcher(int ranks);

  /// A receive begins: the message it takes (which is then forgotten here), or nothing; then it is posted.
  /// O(messages of its sender and context, or of its context, that came before the match).
  std::optional<MessageId> receive(ReceiveId id, const Pattern& pattern) { return receive(id, pattern, next_order_); }
  /// The same for one that was posted before and had its message taken away: it goes back to its old place.
  /// `order` is order() as it was then.
  std::optional<MessageId> receive(ReceiveId id, const Pattern& pattern, std::uint64_t order);
  /// The place the next receive gets.
  std::uint64_t order() const { return next_order_; }
  /// The receive that would take a message; it stays posted. O(posted receives).
  std::optional<ReceiveId> taker(const Header& header) const;
  /// A message begins to arrive: the receive that takes it (then no longer posted). Nothing: queue() it.
  /// O(posted receives).
  std::optional<ReceiveId> arrive(const Header& header);
  /// The message waits for a receive.
  void queue(MessageId id, const Header& header);
  /// The oldest waiting message that matches.
  std::optional<MessageId> find(const Pattern& pattern) const;
  const Header& header(MessageId id) const { return nodes_[id].header; }

  /// A posted receive ends without a message. Nothing happens if it is not posted.
  void withdraw(ReceiveId id);
  /// A waiting message will never be complete.
  void drop(MessageId id);

  std::size_t waiting(Context context) const { return waiting_[static_cast<std::size_t>(context)]; }

 private:
  static constexpr MessageId none = ~MessageId{0};
  enum Order : std::size_t { by_arrival, by_sender, orders };  // the two lists a waiting message is in

  struct Links {
    MessageId before = none;
    MessageId after = none;
  };
  struct Node {
    Header header;
    std::array<Links, orders> links;
  };
  struct List {
    MessageId first = none;
    MessageId last = none;
  };
  struct Posted {
    ReceiveId id;
    Pattern pattern;
    std::uint64_t order;
  };

  std::size_t sender_list(Context context, int from) const {
    return static_cast<std::size_t>(context) * ranks_ + static_cast<std::size_t>(from);
  }
  void append(List& list, Order order, MessageId id);
  void unlink(List& list, Order order, MessageId id);

  std::size_t ranks_;
  std::vector<Node> nodes_;  // by MessageId
  std::array<List, detail::context_count> arrivals_;
  std::array<std::size_t, detail::context_count> waiting_{};
  std::vector<List> from_sender_;
  std::vector<Posted> posted_;  // by order
  std::uint64_t next_order_ = 0;
};

}  // namespace zel::message
