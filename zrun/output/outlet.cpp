#include "zrun/output/outlet.hpp"

#include <cstddef>
#include <cstring>

namespace zel::zrun::output {

std::string tag(std::uint32_t rank, std::uint32_t ranks) {
  const std::string number = std::to_string(rank);
  const std::size_t width = std::to_string(ranks - 1).size();
  return '[' + std::string(width > number.size() ? width - number.size() : 0, ' ') + number + "] ";
}

void Outlet::end_line() {
  if (!open_) return;
  batch_->add(sink(owner_.stream), "\n");
  open_ = false;
}

void Outlet::write(const Owner& from, base::ByteView bytes, base::Time now) {
  if (bytes.empty()) return;
  if (owner_.rank != from.rank) end_line();
  if (tag_ranks_ > 0) {
    write_tagged(from, bytes);
  } else {
    batch_->add(sink(from.stream), from.rank, from.stream, bytes);
  }
  open_ = bytes.back() != std::byte{'\n'};
  owner_ = from;
  owner_wrote_ = now;
}

void Outlet::write_tagged(const Owner& from, base::ByteView bytes) {
  const std::string mark = tag(from.rank, tag_ranks_);
  bool at_start = !open_;
  while (!bytes.empty()) {
    const void* newline = std::memchr(bytes.data(), '\n', bytes.size());
    const std::size_t size =
        newline == nullptr
            ? bytes.size()
            : static_cast<std::size_t>(static_cast<const std::byte*>(newline) - bytes.data()) + 1;
    if (at_start) batch_->add(sink(from.stream), mark);
    batch_->add(sink(from.stream), from.rank, from.stream, bytes.first(size));
    bytes = bytes.subspan(size);
    at_start = true;
  }
}

}  // namespace zel::zrun::output
