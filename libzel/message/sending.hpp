// Why: a send is checked here, written at once if it can be, and otherwise waited for; what it throws says to whom
// and why.
#pragma once

#include <cstddef>
#include <span>

#include "base/error.hpp"
#include "libzel/message/outbox.hpp"
#include "libzel/message/progress.hpp"

namespace zel::message {

class Sending {
 public:
  Sending(int rank, int size, Progress& progress) : rank_(rank), size_(size), progress_(progress) {}

  /// As zel::Messages::send_bytes.
  void send(int to, Context context, int tag, std::span<const std::byte> bytes);
  /// Begins it: as far as there is room. Throws as send() does before the first byte.
  void begin(Outgoing& message);
  /// The way to `to`. Throws Error: limit_reached, malformed.
  net::Writer* writer(int to);

 private:
  void begin_to_self(Outgoing& message);

  int rank_;
  int size_;
  Progress& progress_;
};

[[noreturn]] void throw_as_zel(const base::Error& error);
[[noreturn]] void throw_bad_rank(int rank, int size);
[[noreturn]] void throw_bad_tag(int tag);

}  // namespace zel::message
