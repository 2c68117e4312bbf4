#include "zrun/sink.hpp"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace zel::zrun {

namespace {

bool is_ready(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, 0) == 1;
}

}  // namespace

Sink::Sink(int fd) : fd_(fd) {
  struct stat status {};
  any_size_ = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void Sink::push(base::Bytes bytes) {
  if (!bytes.empty()) queue_.push_back(std::move(bytes));
}

bool Sink::write_ready() {
  while (!queue_.empty() && (any_size_ || is_ready(fd_))) {
    const base::Bytes& front = queue_.front();
    std::size_t piece = front.size() - front_written_;
    // A pipe that is ready has room for PIPE_BUF bytes; one more could make us wait.
    if (!any_size_) piece = std::min<std::size_t>(piece, PIPE_BUF);
    const ssize_t put = ::write(fd_, front.data() + front_written_, piece);
    if (put < 0) {
      if (errno == EINTR || errno == EAGAIN) return true;
      queue_.clear();
      front_written_ = 0;
      return false;
    }
    front_written_ += static_cast<std::size_t>(put);
    if (front_written_ == front.size()) {
      queue_.pop_front();
      front_written_ = 0;
    }
  }
  return true;
}

}  // namespace zel::zrun
