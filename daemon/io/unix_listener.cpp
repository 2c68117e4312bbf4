#include "daemon/io/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "wire/local_node.hpp"

namespace zel::io {

namespace {

constexpr int backlog = 128;
constexpr int accepts_per_turn = 64;
// Out of descriptors: the connection stays in the queue, and asking again at once would only burn a core.
constexpr auto pause_when_full = std::chrono::milliseconds(100);

}  // namespace

base::Result<std::unique_ptr<UnixListener>> UnixListener::listen(EventLoop& loop, const std::string& path,
                                                                 OnConnection on_connection) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > wire::max_socket_path_bytes) {
    return base::fail(base::Errc::bad_option, "the path " + path + " is too long for a socket (" +
                                                  std::to_string(path.size()) + " bytes, at most " +
                                                  std::to_string(wire::max_socket_path_bytes) + "); choose a shorter --runtime-dir");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return base::fail_errno("socket", errno);
  ::unlink(path.c_str());
  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  if (bound != 0) return base::fail_errno("cannot listen at " + path, error);
  if (::listen(socket.get(), backlog) != 0) return base::fail_errno("cannot listen at " + path, errno);
  return std::unique_ptr<UnixListener>(new UnixListener(loop, std::move(socket), std::move(on_connection)));
}

UnixListener::UnixListener(EventLoop& loop, base::UniqueFd socket, OnConnection on_connection)
    : loop_(loop),
      socket_(std::move(socket)),
      on_connection_(std::move(on_connection)),
      watch_(loop, socket_.get(), [this](FdWatch::Ready) { accept(); }),
      pause_(loop, [this] { watch_.want(true, false); }) {
  watch_.want(true, false);
}

void UnixListener::accept() {
  for (int i = 0; i < accepts_per_turn; ++i) {
    base::UniqueFd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection) {
      if (errno == EAGAIN) return;
      if (errno == ECONNABORTED || errno == EINTR) continue;
      watch_.want(false, false);
      pause_.set(loop_.now() + pause_when_full);
      return;
    }
    if (wire::is_same_user(connection.get())) on_connection_(std::move(connection));
  }
}

}  // namespace zel::io
