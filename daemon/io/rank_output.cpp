#include "daemon/io/rank_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "wire/run.hpp"

namespace zel::io {

RankOutput::RankOutput(EventLoop& loop, base::UniqueFd pipe, std::uint32_t window_bytes, OnData on_data, OnEnd on_end)
    : pipe_(std::move(pipe)), credit_(window_bytes), on_data_(std::move(on_data)), on_end_(std::move(on_end)) {
  ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  watch_ = std::make_unique<FdWatch>(loop, pipe_.get(), [this](FdWatch::Ready) { read_once(); });
  watch_->want(true, false);
}

void RankOutput::read_once() {
  std::array<std::byte, wire::run::max_piece_bytes> buffer;
  const ssize_t got = ::read(pipe_.get(), buffer.data(), std::min<std::size_t>(buffer.size(), credit_));
  if (got > 0) {
    credit_ -= static_cast<std::uint32_t>(got);
    if (credit_ == 0) watch_->want(false, false);
    on_data_({buffer.data(), static_cast<std::size_t>(got)});
  } else if (got == 0 || finishing_ || (errno != EAGAIN && errno != EINTR)) {
    end();
  }
}

void RankOutput::end() {
  watch_.reset();
  pipe_.reset();
  on_end_();
}

void RankOutput::add_credit(std::uint32_t bytes) {
  credit_ += bytes;
  if (watch_ && credit_ > 0) watch_->want(true, false);
  if (finishing_ && !ended()) read_once();
}

void RankOutput::finish() {
  finishing_ = true;
  while (!ended() && credit_ > 0) read_once();
}

}  // namespace zel::io
