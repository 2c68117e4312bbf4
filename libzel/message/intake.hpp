// Why: messages come as records, several senders' at once, and go either straight to the receive that waits
// for them or into memory of ours until one does. This file keeps the books on that: what is incomplete,
// what lies unreceived and how much of it. It does no I/O: records are handed to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libzel/message/matcher.hpp"
#include "libzel/net/record.hpp"
#include "zel/messages.hpp"

namespace zel::message {

/// A receive that was begun. Into `into`, or into `vector` if that is set. It stays where it is until its end.
struct Receive {
  enum class State { posted, filling, done, too_large };

  Pattern pattern;
  std::span<std::byte> into{};
  std::vector<std::byte>* vector = nullptr;
  State state = State::posted;
  Envelope envelope{};  // from `filling` on; when too_large, that of the message
  ReceiveId id = 0;         // of the intake's
  std::uint64_t order = 0;  // when it was begun

  bool over() const { return state == State::done || state == State::too_large; }
};

class Intake {
 public:
  enum class Taken {
    yes,
    held,     // not taken: too much of this sender lies unreceived already
    damaged,  // no correct sender sends this here
  };

  explicit Intake(int ranks);

  /// Begins a receive. It may be over at once. It and its memory stay until end(). Many can be under way.
  void post(Receive& receive);
  /// The same for one that is now waited for, see watch().
  void begin(Receive& receive) {
    watch(&receive);
    post(receive);
  }
  /// Ends it in whatever state. What still comes of a message it was being filled with is thrown away.
  void end(Receive& receive);

  /// The next record of `from`. With `beyond_limit` it is never held. Throws std::bad_alloc (not taken).
  Taken take(int from, const net::Record& record, bool beyond_limit);
  /// The receive that is waited for, or null: what comes after its message is better left for the next.
  void watch(const Receive* receive) { watched_ = receive; }
  const Receive* watched() const { return watched_; }
  bool watched_over() const { return watched_ && watched_->over(); }

  /// A message of this rank to itself. False: too much lies unreceived.
  bool take_own(const Header& header, std::span<const std::byte> bytes);
  /// `from` will send no more: what is incomplete is dropped, and a receive it was filling waits again.
  void drop_incomplete(int from);

  /// The oldest message that matches, complete or not.
  std::optional<Envelope> find(const Pattern& pattern) const;
  std::size_t waiting(Context context) const { return matcher_.waiting(context); }
  std::uint64_t unreceived_bytes(int from) const { return unreceived_[static_cast<std::size_t>(from)]; }

  /// What an unreceived message counts beyond its bytes, so that empty ones are bounded too.
  static constexpr std::uint64_t bookkeeping_bytes = 128;

 private:
  enum class Target : std::uint8_t { none, body, receive, nowhere };
  /// What is coming in from one sender.
  struct Stream {
    Target target = Target::none;
    std::uint32_t id = 0;  // of the body, or of the receive
    std::uint64_t total = 0;
    std::uint64_t taken = 0;
  };
  /// A message that waits for a receive.
  struct Body {
    std::vector<std::byte> bytes;
    bool complete = false;
  };

  Stream& stream(int from) { return streams_[static_cast<std::size_t>(from)]; }
  Taken take_start(int from, const net::Record& record, bool beyond_limit);
  Taken take_more(int from, std::span<const std::byte> payload);
  void find_message(Receive& receive);
  Receive* find_receive(const Header& header);
  void start_receive(Receive& receive, const Header& header, std::span<const std::byte> payload);
  MessageId store(const Header& header, std::span<const std::byte> payload);
  void hand_over(MessageId id, Receive& receive);
  void release(MessageId id, const Header& header);

  Matcher matcher_;
  const Receive* watched_ = nullptr;
  std::vector<Receive*> receives_;         // by ReceiveId
  std::vector<ReceiveId> free_receives_;
  std::vector<Stream> streams_;            // by sender
  std::vector<std::uint64_t> unreceived_;  // by sender
  std::vector<Body> bodies_;               // by MessageId
  std::vector<MessageId> free_ids_;
};

}  // namespace zel::message
