#include "wire/channel.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace zel::wire {

namespace {

constexpr std::size_t max_fds_per_message = 16;
constexpr std::size_t coalesce_below = 64u << 10;
// A peer that sends descriptors nobody takes must not use up ours; the surplus is closed.
constexpr std::size_t max_received_fds = 256;

base::Result<void> wait_for(int fd, short what, base::Time deadline) {
  for (;;) {
    int wait_ms = -1;
    if (deadline != base::never) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= base::Duration::zero()) {
        return base::fail(base::Errc::limit_reached, "the other end of a local connection did not answer in time");
      }
      wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
    }
    pollfd entry{fd, what, 0};
    const int ready = ::poll(&entry, 1, wait_ms);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return base::fail_errno("poll", errno);
  }
}

base::Time deadline_of(base::Duration limit) {
  return limit < base::Duration::zero() ? base::never : std::chrono::steady_clock::now() + limit;
}

}  // namespace

base::Result<std::pair<base::UniqueFd, base::UniqueFd>> socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return base::fail_errno("socketpair", errno);
  return std::pair(base::UniqueFd(ends[0]), base::UniqueFd(ends[1]));
}

void Channel::push(base::ByteView payload, std::vector<base::UniqueFd> fds) {
  const std::size_t frame_bytes = frame_header_bytes + payload.size();
  queued_bytes_ += frame_bytes;
  // Small messages without descriptors share one buffer, so that many cost one system call.
  if (fds.empty() && !queue_.empty() && queue_.back().fds.empty() &&
      queue_.back().frame.size() + frame_bytes <= coalesce_below) {
    append_frame(queue_.back().frame, payload);
    return;
  }
  Item item;
  item.frame.reserve(frame_bytes);
  append_frame(item.frame, payload);
  item.fds = std::move(fds);
  queue_.push_back(std::move(item));
}

/// Writes from the first item; false when the kernel takes no more for now.
base::Result<bool> Channel::write_front() {
  Item& item = queue_.front();
  iovec piece{item.frame.data() + item.sent, item.frame.size() - item.sent};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_fds_per_message * sizeof(int))> control{};
  if (!item.fds.empty()) {
    std::array<int, max_fds_per_message> numbers{};
    const std::size_t count = std::min(item.fds.size(), numbers.size());
    for (std::size_t i = 0; i < count; ++i) numbers[i] = item.fds[i].get();
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    auto* header = reinterpret_cast<cmsghdr*>(control.data());
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), numbers.data(), count * sizeof(int));
  }
  const ssize_t sent = ::sendmsg(fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    if (errno == EINTR) return true;
    if (errno == EPIPE || errno == ECONNRESET) return base::fail(base::Errc::peer_gone, "the other end closed");
    return base::fail_errno("sendmsg", errno);
  }
  item.fds.clear();  // they travel with the first byte
  item.sent += static_cast<std::size_t>(sent);
  queued_bytes_ -= static_cast<std::size_t>(sent);
  if (item.sent == item.frame.size()) queue_.pop_front();
  return true;
}

base::Result<void> Channel::flush() {
  while (!queue_.empty()) {
    auto went = write_front();
    if (!went) return tl::unexpected(went.error());
    if (!*went) break;
  }
  return {};
}

base::Result<void> Channel::flush_within(base::Duration limit) {
  const base::Time deadline = deadline_of(limit);
  for (;;) {
    if (auto flushed = flush(); !flushed) return flushed;
    if (queue_.empty()) return {};
    if (auto waited = wait_for(fd(), POLLOUT, deadline); !waited) return waited;
  }
}

base::Result<bool> Channel::fill() {
  std::array<std::byte, 64u << 10> buffer;
  iovec piece{buffer.data(), buffer.size()};
  msghdr message{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(max_fds_per_message * sizeof(int))> control;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(fd(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return true;
    if (errno == ECONNRESET) return false;
    return base::fail_errno("recvmsg", errno);
  }
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
      base::UniqueFd received(number);
      if (received_fds_.size() < max_received_fds) received_fds_.push_back(std::move(received));
    }
  }
  if (got == 0) return false;
  reader_.feed({buffer.data(), static_cast<std::size_t>(got)});
  return true;
}

base::Result<base::ByteView> Channel::receive_within(base::Duration limit) {
  const base::Time deadline = deadline_of(limit);
  for (;;) {
    auto message = next();
    if (!message) return tl::unexpected(message.error());
    if (message->has_value()) return **message;
    if (auto waited = wait_for(fd(), POLLIN, deadline); !waited) return tl::unexpected(waited.error());
    auto filled = fill();
    if (!filled) return tl::unexpected(filled.error());
    if (!*filled) return base::fail(base::Errc::peer_gone, "the other end closed");
  }
}

base::UniqueFd Channel::take_fd() {
  if (received_fds_.empty()) return {};
  base::UniqueFd fd = std::move(received_fds_.front());
  received_fds_.pop_front();
  return fd;
}

}  // namespace zel::wire
