#include "daemon/io/rank_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace zel::io {

RankInput::RankInput(EventLoop& loop, OnTaken on_taken, OnAllClosed on_all_closed)
    : loop_(loop), on_taken_(std::move(on_taken)), on_all_closed_(std::move(on_all_closed)) {}

void RankInput::add_reader(base::UniqueFd pipe) {
  ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
  readers_.push_back(std::make_unique<Reader>());
  Reader& reader = *readers_.back();
  reader.pipe = std::move(pipe);
  reader.watch = std::make_unique<FdWatch>(loop_, reader.pipe.get(), [this, &reader](FdWatch::Ready) {
    pump(reader);
    release_taken();
  });
}

void RankInput::write(base::ByteView bytes) {
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  for (auto& reader : readers_) pump(*reader);
  release_taken();
}

void RankInput::end() {
  ended_ = true;
  for (auto& reader : readers_) pump(*reader);
  release_taken();
}

/// Writes what this reader's pipe takes; waits for room if that is not all.
void RankInput::pump(Reader& reader) {
  while (reader.pipe) {
    const std::size_t offset = reader.written - held_from_;
    if (offset == held_.size()) {
      reader.watch->want(false, false);
      if (ended_) close(reader);
      return;
    }
    const ssize_t put = ::write(reader.pipe.get(), held_.data() + offset, held_.size() - offset);
    if (put > 0) {
      reader.written += static_cast<std::uint64_t>(put);
    } else if (errno == EAGAIN) {
      reader.watch->want(false, true);
      return;
    } else if (errno != EINTR) {
      close(reader);  // EPIPE: it does not read any more
    }
  }
}

void RankInput::close(Reader& reader) {
  reader.watch.reset();
  reader.pipe.reset();
}

/// Forgets what every reader has, and credits it to the launcher.
void RankInput::release_taken() {
  std::uint64_t taken_to = held_from_ + held_.size();
  bool any_open = false;
  for (const auto& reader : readers_) {
    if (!reader->pipe) continue;
    any_open = true;
    taken_to = std::min(taken_to, reader->written);
  }
  const auto taken = static_cast<std::uint32_t>(taken_to - held_from_);
  if (taken > 0) {
    held_.erase(held_.begin(), held_.begin() + taken);
    held_from_ = taken_to;
    on_taken_(taken);
  }
  if (!any_open && !told_closed_) {
    told_closed_ = true;
    on_all_closed_();
  }
}

}  // namespace zel::io
