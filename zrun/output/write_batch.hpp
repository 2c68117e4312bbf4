// Why: a system call per line would cost more than the lines. Writes are gathered until they are taken, and
// credits until they are worth a message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "zrun/output/write.hpp"

namespace zel::zrun::output {

/// Bytes for the same sink become one Write, until it is large; those for the same file do even when other
/// writes are in between.
class WriteBatch {
 public:
  /// A Write that is as large as this takes no more.
  static constexpr std::size_t large_bytes = 256u << 10;

  /// `lump_bytes`: a stream's credit is given back when this much of it has gathered.
  WriteBatch(std::uint32_t ranks, std::uint32_t lump_bytes);

  /// Text of our own: tags, newlines, notices. Not for Sink::file.
  void add(Sink sink, std::string_view text);
  /// Bytes of a stream, for one of zrun's own sinks or for the stream's file.
  void add(Sink sink, std::uint32_t rank, Stream stream, base::ByteView bytes);

  /// Everything since the last call.
  std::vector<Write> take();

 private:
  struct Account {
    std::uint32_t uncredited = 0;  // bytes that were added and not yet given back
    std::size_t file_write = 0;    // 1 + index of the Write for this stream's file; 0: none
  };
  Account& account(std::uint32_t rank, Stream stream) {
    return accounts_[2 * std::size_t{rank} + (stream == Stream::out ? 0 : 1)];
  }
  std::size_t current(Sink sink);
  std::size_t current_file(std::uint32_t rank, Stream stream);

  const std::uint32_t lump_bytes_;
  std::vector<Account> accounts_;
  std::vector<Write> writes_;
};

}  // namespace zel::zrun::output
