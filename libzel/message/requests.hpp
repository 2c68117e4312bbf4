// Why: a request is a send or a receive and the memory it needs; this keeps the books on those that are not over, and
// says when waiting for one is pointless.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libzel/message/intake.hpp"
#include "libzel/message/outbox.hpp"
#include "libzel/message/progress.hpp"
#include "libzel/message/sending.hpp"
#include "zel/request.hpp"

namespace zel::message {
class Requests;
}

namespace zel::detail {

class Operation {
 public:
  bool is_send = false;
  message::Receive receive{};
  message::Outgoing outgoing{};
  std::vector<std::byte> kept{};     // of a send whose bytes are its own
  message::Requests* owner = nullptr;  // null: given up, since the job ended
  std::size_t place = 0;             // in the owner's books
  int exceptions = 0;                // under way when it began
};

using OperationPointer = std::unique_ptr<Operation, OperationDeleter>;

}  // namespace zel::detail

namespace zel::message {

using detail::Operation;
using detail::OperationPointer;

class Requests {
 public:
  Requests(int rank, Progress& progress, Sending& sending) : rank_(rank), progress_(progress), sending_(sending) {}
  ~Requests();
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// Throws Error as send_bytes does before it waits; limit_reached. `kept`: the bytes are moved in.
  OperationPointer send(int to, Context context, int tag, std::span<const std::byte> bytes);
  OperationPointer send_kept(int to, Context context, int tag, std::vector<std::byte> bytes);
  /// Into `into`, or `vector` if that is set.
  OperationPointer receive(std::span<std::byte> into, std::vector<std::byte>* vector, const Pattern& pattern);

  /// Whether it is over. Throws what became of it.
  bool test(Operation& operation);
  void wait(Operation& operation);
  /// The position of the first that is over, which was not null. Throws nothing of a request's own.
  std::size_t wait_any(std::span<Operation* const> operations);
  bool cancel(Operation& operation);
  /// Ends it in whatever state; its memory is used again.
  void take_back(Operation* operation) noexcept;
  static Envelope envelope(const Operation& operation);

 private:
  OperationPointer make();
  void end(Operation& operation) noexcept;
  OperationPointer begin_send(OperationPointer operation);
  static bool over(const Operation& operation);
  static void throw_if_failed(const Operation& operation);
  void check_hope(Operation& operation) const;
  bool hopeless(Operation& operation) const noexcept;
  bool look(Operation& operation, Depth depth);

  int rank_;
  Progress& progress_;
  Sending& sending_;
  std::vector<Operation*> unfinished_;
  std::vector<std::unique_ptr<Operation>> spare_;
};

}  // namespace zel::message
