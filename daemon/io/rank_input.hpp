// Why: what comes on the launcher's stdin goes, byte for byte, to one rank or to all. The slowest reader sets
// the pace; a reader that ends is left out; when none is left the launcher is told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"
#include "daemon/io/event_loop.hpp"

namespace zel::io {

class RankInput {
 public:
  using OnTaken = std::function<void(std::uint32_t)>;
  using OnAllClosed = std::function<void()>;

  RankInput(EventLoop& loop, OnTaken on_taken, OnAllClosed on_all_closed);

  /// A rank that is to read. Before the first data.
  void add_reader(base::UniqueFd pipe);
  /// Bytes for every reader, in order. The launcher keeps within its window, which bounds what is held here.
  void write(base::ByteView bytes);
  /// Nothing more comes: each reader's pipe is closed when it has everything.
  void end();

 private:
  struct Reader {
    base::UniqueFd pipe;
    std::uint64_t written = 0;  // bytes of the whole stream
    std::unique_ptr<FdWatch> watch;
  };

  void pump(Reader& reader);
  void close(Reader& reader);
  void release_taken();

  EventLoop& loop_;
  OnTaken on_taken_;
  OnAllClosed on_all_closed_;
  std::vector<std::unique_ptr<Reader>> readers_;
  base::Bytes held_;             // what the slowest reader has not taken
  std::uint64_t held_from_ = 0;  // its place in the whole stream
  bool ended_ = false;
  bool told_closed_ = false;
};

}  // namespace zel::io
