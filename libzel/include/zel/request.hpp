// Why: a program that computes while its messages are under way, or that waits for the first of several, begins
// them and asks later.
//
//     zel::Request in = messages.ireceive_bytes(halo, left);
//     zel::Request out = messages.isend_bytes(right, edge);
//     compute_inner();
//     in.wait();
//     out.wait();
//
// Nothing happens behind a program's back: messages move while some call of libzel is made (test, wait, send,
// receive, probe, a collective operation, compute).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "zel/error.hpp"
#include "zel/export.hpp"

namespace zel {

namespace detail {
class Operation;
class MessageState;
struct OperationDeleter {
  ZEL_API void operator()(Operation* operation) const noexcept;
};
}  // namespace detail

struct Envelope;

/// How many unfinished requests a member may have.
inline constexpr std::size_t max_requests = 65'536;

/// A send or a receive that was begun. Movable. Used by the thread that uses the Messages. When it is over, its
/// buffer is the program's again; until then the program neither changes (send) nor reads (receive) it.
///
/// Destroying an unfinished request:
///  * a send is waited for, as send_bytes() would; its error, if any, goes unseen. While an exception unwinds it is
///    given up instead, and the receiver never sees the message.
///  * a receive is given up. A message that had begun to fill its buffer is lost, others wait for another receive.
/// What is unfinished when the Job ends is given up; its request is then over, and wait() throws usage.
class ZEL_API Request {
 public:
  /// Of nothing: it is over.
  Request() noexcept;
  ~Request();
  Request(Request&&) noexcept;
  Request& operator=(Request&&) noexcept;

  /// Whether it is over; moves messages on, never waits. Throws what wait() throws of the request itself; it is
  /// then over.
  bool test();
  /// Waits until it is over. For a receive: what was received; for a send, its own rank, tag and size; the same
  /// again if asked again. Throws Error: member_lost, malformed, too_large (the message stays unreceived),
  /// node_lost; the request is then over. Throws limit_reached (too much lies unreceived here) and usage (a rank
  /// waits for its own message); the request then goes on.
  struct Envelope wait();
  /// Gives a receive up, if no message has begun to fill it: true, and it is over. False: a message is its own, or
  /// it is over already; wait() will not be long. Throws Error: usage for a send, which cannot be taken back.
  bool cancel();
  /// Whether test() or wait() have said so.
  bool over() const noexcept { return !operation_; }

 private:
  friend class Messages;
  friend class detail::MessageState;
  explicit Request(std::unique_ptr<detail::Operation, detail::OperationDeleter> operation) noexcept;

  std::unique_ptr<detail::Operation, detail::OperationDeleter> operation_;
  int from_ = -1;
  int tag_ = -1;
  std::size_t bytes_ = 0;

  friend ZEL_API std::size_t wait_any(std::span<Request> requests);
};

/// Waits for all. The first error is thrown when all are over, or at once if waiting cannot go on (limit_reached).
ZEL_API void wait_all(std::span<Request> requests);
/// Waits until one that was not over is so, and tells which: its position. If all were over before: their number. An
/// error of the request found is thrown; that request is then over.
ZEL_API std::size_t wait_any(std::span<Request> requests);

}  // namespace zel
