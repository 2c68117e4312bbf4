// Why: members exchange typed messages by rank and tag, in order, with no loss while both are there.
//
//     if (job.rank() == 0) job.messages().send(1, std::vector<double>{1, 2, 3});
//     if (job.rank() == 1) auto v = job.messages().receive<std::vector<double>>(0);
//
// Between ranks of one host a message is copied through shared memory and never touches the kernel unless
// somebody sleeps. Between hosts the nodes carry it, and a direct link as soon as there is one. Order is kept per
// sender and receiver and tag; a receiver that asks for any tag or any rank gets messages of one sender in the order sent. Memory is bounded: a sender waits while the receiver
// lags (see limits below).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "zel/error.hpp"
#include "zel/export.hpp"
#include "zel/pack.hpp"
#include "zel/request.hpp"
#include "zel/view.hpp"

namespace zel {

namespace detail {
class MessageState;
}

inline constexpr int any_rank = -1;
inline constexpr int any_tag = -1;
/// Tags are 0 … max_tag.
inline constexpr int max_tag = (1 << 30) - 1;
/// The largest message.
inline constexpr std::size_t max_message_bytes = std::size_t{1} << 40;
/// How many bytes of messages from one sender may lie unreceived at a receiver before receiving anything
/// else fails with limit_reached (a program that sends what nobody receives).
inline constexpr std::size_t max_unreceived_bytes = std::size_t{256} << 20;

/// What is known of a message: who sent it, its tag, its size.
struct Envelope {
  int from = any_rank;
  int tag = any_tag;
  std::size_t bytes = 0;
};

template <Packable T>
class Incoming;

/// The messages of one member. Use from one thread at a time.
class ZEL_API Messages {
 public:
  explicit Messages(std::unique_ptr<detail::MessageState> state);
  ~Messages();
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  /// Sends `bytes`; returns when the buffer may be used again. Waits while too much is on its way to the receiver (128 KiB, 4 MiB over a direct link);
  /// while it waits, it takes in what others send here, so that two members sending to one another never
  /// deadlock. `to` may be this rank itself.
  /// Throws Error: usage (rank or tag out of range), member_lost (`to` has died or left, or does so), node_lost
  /// (this rank's node is gone and the message is for another host, or has to wait), limit_reached.
  void send_bytes(int to, std::span<const std::byte> bytes, int tag = 0);
  /// Receives the next message that matches into `into`. Throws Error: too_large (the message stays
  /// unreceived), member_lost (`from` is gone and nothing of it is left; or, for any_rank, all are gone),
  /// limit_reached.
  Envelope receive_bytes(std::span<std::byte> into, int from = any_rank, int tag = any_tag);
  /// The same, into a vector of the message's size.
  std::vector<std::byte> receive_bytes(int from = any_rank, int tag = any_tag, Envelope* envelope = nullptr);
  /// The next message that matches, if one is there; it is not received. Never waits.
  std::optional<Envelope> probe(int from = any_rank, int tag = any_tag);
  /// Waits until a message matches, and tells which; it is not received.
  Envelope wait_probe(int from = any_rank, int tag = any_tag);

  /// Sends a value of any packable type (see pack.hpp).
  template <Packable T>
  void send(int to, const T& value, int tag = 0) {
    if constexpr (TriviallyPacked<T>) {
      send_bytes(to, std::as_bytes(std::span<const T, 1>(&value, 1)), tag);
    } else if constexpr (ContiguousPacked<T>) {
      send_bytes(to, std::as_bytes(std::span(value.data(), value.size())), tag);
    } else {
      send_bytes(to, pack(value), tag);
    }
  }
  /// Receives a value. Throws Error as receive_bytes (a message too large for a T of fixed size stays
  /// unreceived), and malformed when the message is not a T; it is then gone.
  template <Packable T>
  T receive(int from = any_rank, int tag = any_tag, Envelope* envelope = nullptr) {
    if constexpr (TriviallyPacked<T>) {
      T value;
      const Envelope got = receive_bytes(std::as_writable_bytes(std::span<T, 1>(&value, 1)), from, tag);
      if (envelope) *envelope = got;
      if (got.bytes != sizeof(T)) throw_wrong_size(got, sizeof(T));
      return value;
    } else {
      return unpack<T>(receive_bytes(from, tag, envelope));
    }
  }

  /// Receives the next message that matches as it lies in libzel's memory (see view.hpp for what is copied when).
  /// Throws Error as receive_bytes.
  View receive_view(int from = any_rank, int tag = any_tag);

  /// Begins to send, and never waits: what finds no room is sent later, in the order of the sends to `to`, blocking
  /// ones among them. See request.hpp. Throws Error: what send_bytes throws before it waits; limit_reached when
  /// max_requests are unfinished.
  Request isend_bytes(int to, std::span<const std::byte> bytes, int tag = 0);
  /// Begins to receive. Messages go to receives in the order these were begun, blocking ones among them; a message
  /// too large for the buffer ends the request with too_large and goes to the next. Throws Error: usage,
  /// limit_reached.
  Request ireceive_bytes(std::span<std::byte> into, int from = any_rank, int tag = any_tag);
  /// The same, into a vector that gets the message's size. It is not touched or moved until the request is over.
  Request ireceive_bytes(std::vector<std::byte>& into, int from = any_rank, int tag = any_tag);
  /// As isend_bytes. A value that is sent as it lies in memory, or as its elements, must stay as it is until then;
  /// anything else, and a temporary, is copied at once.
  template <class T>
  requires Packable<std::remove_cvref_t<T>> Request isend(int to, T&& value, int tag = 0) {
    using Value = std::remove_cvref_t<T>;
    if constexpr (!std::is_lvalue_reference_v<T> || !(TriviallyPacked<Value> || ContiguousPacked<Value>)) {
      return isend_kept(to, pack<Value>(value), tag);
    } else if constexpr (TriviallyPacked<Value>) {
      return isend_bytes(to, std::as_bytes(std::span<const Value, 1>(&value, 1)), tag);
    } else {
      return isend_bytes(to, std::as_bytes(std::span(value.data(), value.size())), tag);
    }
  }
  /// Begins to receive a value; see Incoming.
  template <Packable T>
  Incoming<T> ireceive(int from = any_rank, int tag = any_tag) {
    Incoming<T> incoming;
    incoming.request_ = ireceive_bytes(*incoming.bytes_, from, tag);
    return incoming;
  }

  /// Returns when every rank 0 … size-1 of the job has called it as often. Throws Error: member_lost
  /// naming a rank that is gone and will never come. A rank that came and then died does not break it; one on
  /// another host that dies while coming may have come for some and not for others. One left by an error is
  /// gone on with by the next call. Over several hosts it takes a message from each rank to each elsewhere.
  void barrier();

  /// For libzel's own parts.
  detail::MessageState& state() { return *state_; }

 private:
  friend class Group;
  Request isend_kept(int to, std::vector<std::byte> bytes, int tag);
  [[noreturn]] static void throw_wrong_size(const Envelope& got, std::size_t wanted);

  std::unique_ptr<detail::MessageState> state_;
};

/// A value on its way here.
template <Packable T>
class Incoming {
 public:
  bool test() { return request_.test(); }
  /// Waits for it; once. Throws Error as Request::wait, and malformed when the message is not a T.
  T get(Envelope* envelope = nullptr) {
    const Envelope got = request_.wait();
    if (envelope) *envelope = got;
    return unpack<T>(std::exchange(*bytes_, {}));
  }
  /// For wait_any and wait_all, through a reference; and cancel().
  Request& request() { return request_; }

 private:
  friend class Messages;
  Incoming() : bytes_(std::make_unique<std::vector<std::byte>>()) {}

  std::unique_ptr<std::vector<std::byte>> bytes_;
  Request request_;  // ends before what it fills
};

}  // namespace zel
