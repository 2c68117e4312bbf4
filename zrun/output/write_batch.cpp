#include "zrun/output/write_batch.hpp"

#include <utility>

namespace zel::zrun::output {

WriteBatch::WriteBatch(std::uint32_t ranks, std::uint32_t lump_bytes)
    : lump_bytes_(lump_bytes), accounts_(2 * std::size_t{ranks}) {}

std::size_t WriteBatch::current(Sink sink) {
  if (writes_.empty() || writes_.back().sink != sink || writes_.back().bytes.size() >= large_bytes) {
    writes_.push_back({.sink = sink, .bytes = {}, .credits = {}});
  }
  return writes_.size() - 1;
}

std::size_t WriteBatch::current_file(std::uint32_t rank, Stream stream) {
  std::size_t& index = account(rank, stream).file_write;
  if (index == 0 || writes_[index - 1].bytes.size() >= large_bytes) {
    writes_.push_back({.sink = Sink::file, .rank = rank, .stream = stream, .bytes = {}, .credits = {}});
    index = writes_.size();
  }
  return index - 1;
}

void WriteBatch::add(Sink sink, std::string_view text) {
  base::Bytes& bytes = writes_[current(sink)].bytes;
  const base::ByteView view = base::as_bytes(text);
  bytes.insert(bytes.end(), view.begin(), view.end());
}

void WriteBatch::add(Sink sink, std::uint32_t rank, Stream stream, base::ByteView bytes) {
  Write& write = writes_[sink == Sink::file ? current_file(rank, stream) : current(sink)];
  write.bytes.insert(write.bytes.end(), bytes.begin(), bytes.end());
  std::uint32_t& uncredited = account(rank, stream).uncredited;
  uncredited += static_cast<std::uint32_t>(bytes.size());
  if (uncredited >= lump_bytes_ && uncredited > 0) {
    write.credits.push_back({.rank = rank, .stream = stream, .bytes = std::exchange(uncredited, 0)});
  }
}

std::vector<Write> WriteBatch::take() {
  for (const Write& write : writes_) {
    if (write.sink == Sink::file) account(write.rank, write.stream).file_write = 0;
  }
  return std::exchange(writes_, {});
}

}  // namespace zel::zrun::output
