// Why: what is on the current line of a terminal or file, and whose it is, decides what may be written next;
// everything that depends on it is kept in one place.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "zrun/output/write_batch.hpp"

namespace zel::zrun::output {

/// "[ 3] ": the rank, right-aligned to the width of the largest one. Both streams of a rank have the same.
std::string tag(std::uint32_t rank, std::uint32_t ranks);

/// One place where lines appear: standard output, standard error, or the terminal that is both.
class Outlet {
 public:
  struct Owner {
    std::uint32_t rank = 0;
    Stream stream = Stream::out;
    bool operator==(const Owner&) const = default;
  };

  /// `tag_ranks`: the number of ranks when lines are tagged, else 0.
  Outlet(WriteBatch& batch, std::uint32_t tag_ranks) : batch_(&batch), tag_ranks_(tag_ranks) {}

  /// Whether the last line lacks its newline.
  bool is_open() const { return open_; }
  /// Who wrote last; of meaning while the line is open.
  const Owner& owner() const { return owner_; }
  /// When the owner wrote last.
  base::Time owner_wrote() const { return owner_wrote_; }

  /// Writes bytes of a stream. A line that another rank left open is ended first; when lines are tagged, each
  /// that begins here gets its tag.
  void write(const Owner& from, base::ByteView bytes, base::Time now);

  /// Ends the open line, if any.
  void end_line();

 private:
  Sink sink(Stream stream) const { return stream == Stream::out ? Sink::out : Sink::err; }
  void write_tagged(const Owner& from, base::ByteView bytes);

  WriteBatch* batch_;
  std::uint32_t tag_ranks_;
  bool open_ = false;
  Owner owner_;
  base::Time owner_wrote_{};
};

}  // namespace zel::zrun::output
