#include "zrun/stdin_source.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "wire/run.hpp"

namespace zel::zrun {

StdinSource::StdinSource(bool wanted) : is_terminal_(::isatty(0) == 1), ended_(!wanted) {}

bool StdinSource::in_background() const {
  if (!is_terminal_) return false;
  const pid_t front = ::tcgetpgrp(0);  // -1: not our controlling terminal, so it cannot stop us
  return front > 0 && front != ::getpgrp();
}

bool StdinSource::watch() const { return !ended_ && window_bytes_ > 0 && !in_background(); }

bool StdinSource::is_waiting_for_foreground() const { return !ended_ && window_bytes_ > 0 && in_background(); }

base::Bytes StdinSource::read() {
  base::Bytes bytes;
  if (!watch()) return bytes;
  bytes.resize(std::min(window_bytes_, wire::run::max_piece_bytes));
  const ssize_t got = ::read(0, bytes.data(), bytes.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
    bytes.clear();
    return bytes;
  }
  if (got <= 0) ended_ = true;  // the end, or a descriptor that cannot be read: there is no more to come
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  window_bytes_ -= static_cast<std::uint32_t>(bytes.size());
  return bytes;
}

}  // namespace zel::zrun
