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
  never_waits_ = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

void Sink::push(base::Bytes bytes, std::vector<wire::run::OutputCredit> credits) {
  queue_.push_back({std::move(bytes), std::move(credits)});
}

int Sink::write_ready(std::vector<wire::run::OutputCredit>& credits) {
  while (!queue_.empty() && (never_waits_ || is_ready(fd_))) {
    Item& front = queue_.front();
    std::size_t piece = front.bytes.size() - front_written_;
    // A pipe that is ready has room for PIPE_BUF bytes; one more could make us wait.
    if (!never_waits_) piece = std::min<std::size_t>(piece, PIPE_BUF);
    const ssize_t put = ::write(fd_, front.bytes.data() + front_written_, piece);
    if (put < 0) {
      if (errno == EINTR || errno == EAGAIN) return 0;
      queue_.clear();
      front_written_ = 0;
      return errno;
    }
    front_written_ += static_cast<std::size_t>(put);
    if (front_written_ == front.bytes.size()) {
      credits.insert(credits.end(), front.credits.begin(), front.credits.end());
      queue_.pop_front();
      front_written_ = 0;
    }
  }
  return 0;
}

}  // namespace zel::zrun
