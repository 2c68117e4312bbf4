// Why: what ranks say to one another while they compute. A rank is a program of the same job, but may be a
// damaged one, so decoding is strict: what is not exactly a message is not used. See docs/protocol/task.md.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "base/bytes.hpp"

namespace zel::task {

inline constexpr std::uint8_t message_version = 1;
/// The longest text of an exception that is sent; the rest is cut off.
inline constexpr std::size_t max_error_bytes = 4096;

/// thief → victim: "give me work"; with `lifeline`, "now or as soon as you have some", else an answer is due.
struct Steal {
  bool lifeline = false;
  bool operator==(const Steal&) const = default;
};
/// victim → thief: "nothing here". Answers a Steal without lifeline.
struct Refuse {
  bool operator==(const Refuse&) const = default;
};
/// victim → thief: a task. `id` is the victim's number for this loan, never used twice.
struct Loan {
  std::uint64_t id = 0;
  std::uint64_t type_key = 0;
  bool lifeline = false;  // answers a Steal with lifeline
  base::Bytes task;
  bool operator==(const Loan&) const = default;
};
/// thief → victim: what came of the loan: a packed result, or the text of an exception.
struct Result {
  std::uint64_t id = 0;
  bool ok = true;
  base::Bytes value;
  bool operator==(const Result&) const = default;
};
/// thief → victim: "I did not begin this loan and will not".
struct GiveBack {
  std::uint64_t id = 0;
  bool operator==(const GiveBack&) const = default;
};
/// victim → thief: "nobody waits for this loan any more".
struct Cancel {
  std::uint64_t id = 0;
  bool operator==(const Cancel&) const = default;
};
/// rank 0 → all: the root's result, or the text of its exception; the computation is over.
struct Finished {
  bool ok = true;
  base::Bytes value;
  bool operator==(const Finished&) const = default;
};
/// all → rank 0, after Finished: this rank's share.
struct Report {
  std::uint64_t tasks = 0;
  std::uint64_t stolen = 0;
  std::uint64_t steal_attempts = 0;
  std::uint64_t redone = 0;
  std::uint64_t busy_ns = 0;
  std::uint64_t wall_ns = 0;
  std::uint64_t threads = 1;
  bool operator==(const Report&) const = default;
};

using Message = std::variant<Steal, Refuse, Loan, Result, GiveBack, Cancel, Finished, Report>;

/// The bytes of a message of the computation `epoch`.
base::Bytes encode(std::uint32_t epoch, const Message& message);
/// Which computation well-formed bytes belong to; nothing if they cannot be a message.
std::optional<std::uint32_t> epoch_of(base::ByteView bytes);
/// Nothing if the bytes are not exactly one message of this version.
std::optional<Message> decode(base::ByteView bytes);

}  // namespace zel::task
