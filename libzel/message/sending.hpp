// Why: a message that fits into a record is written at once or not at all; a longer one goes in records as
// the receiver makes room, and if that ends early the receiver is told that the rest will not come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libzel/message/context.hpp"
#include "libzel/message/progress.hpp"

namespace zel::message {

class Sending {
 public:
  Sending(int rank, int size, Progress& progress);

  /// As zel::Messages::send_bytes.
  void send(int to, Context context, int tag, std::span<const std::byte> bytes);

 private:
  /// A message on its way.
  struct Outgoing {
    int to;
    net::Writer* writer;
    Context context;
    int tag;
    std::span<const std::byte> bytes;
    std::size_t sent = 0;
    bool begun = false;
    bool complete() const { return begun && sent == bytes.size(); }
  };

  void send_to_self(Context context, int tag, std::span<const std::byte> bytes);
  net::Writer* writer(int to);
  void send_in_turns(Outgoing& message);
  bool look(Outgoing& message, Depth depth);
  void write(Outgoing& message);
  net::Writer::Outcome write_record(Outgoing& message);

  int rank_;
  int size_;
  Progress& progress_;
};

[[noreturn]] void throw_as_zel(const base::Error& error);
[[noreturn]] void throw_bad_rank(int rank, int size);
[[noreturn]] void throw_bad_tag(int tag);

}  // namespace zel::message
