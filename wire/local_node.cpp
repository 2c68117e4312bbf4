#include "wire/local_node.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "wire/address.hpp"

namespace zel::wire {

std::string default_runtime_directory(std::string_view xdg_runtime_dir, unsigned uid) {
  if (xdg_runtime_dir.starts_with('/')) return std::string(xdg_runtime_dir) + "/zel";
  return "/tmp/zel-" + std::to_string(uid);
}

std::string registry_entry(const overlay::Address& address) {
  return address.host + "_" + std::to_string(address.port);
}

base::Result<std::string> node_directory(const std::string& node, const std::string& from_environment,
                                         const std::string& default_directory) {
  if (node.empty()) return from_environment.empty() ? default_directory : from_environment;
  const auto address = parse_address(node, {"127.0.0.1", default_port, false});
  std::error_code error;
  if (node.find('/') != std::string::npos || (!address && std::filesystem::is_directory(node, error))) return node;
  if (!address) {
    return base::fail(base::Errc::bad_option, "'" + node + "' is neither a directory nor an address: " + address.error().text);
  }
  const std::string registry = default_directory + "/" + std::string(registry_name);
  // Only this user and root may have said who listens there.
  struct stat info {};
  const bool trusted = ::stat(registry.c_str(), &info) == 0 && (info.st_uid == ::geteuid() || info.st_uid == 0);
  std::string directory;
  if (trusted) directory = std::filesystem::read_symlink(registry + "/" + registry_entry(*address), error).string();
  if (directory.empty()) {
    return base::fail(base::Errc::bad_option, "no node of this user listens at " + text_of(*address) +
                                                  " on this machine (looked in " + registry + ")");
  }
  return directory;
}

bool is_same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

namespace {

/// A connection waits while the backlog of a stopped listener is full.
bool limit_sending(int socket, std::chrono::microseconds limit) {
  const timeval time{static_cast<time_t>(limit.count() / 1'000'000), static_cast<suseconds_t>(limit.count() % 1'000'000)};
  return ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) == 0;
}

}  // namespace

base::Result<base::UniqueFd> connect_local(const std::string& path, std::chrono::milliseconds limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > max_socket_path_bytes) {
    return base::fail(base::Errc::bad_option, path + " is too long for a socket: " + std::to_string(path.size()) +
                                                  " bytes, at most " + std::to_string(max_socket_path_bytes));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || !limit_sending(socket.get(), limit)) return base::fail_errno("socket", errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const bool nobody = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
    if (nobody) return base::fail(base::Errc::peer_gone, "nobody listens at " + path);
    if (errno == EAGAIN) return base::fail(base::Errc::limit_reached, "who listens at " + path + " does not answer; is it stopped?");
    return base::fail_errno("cannot connect to " + path, errno);
  }
  limit_sending(socket.get(), std::chrono::microseconds::zero());
  if (!is_same_user(socket.get())) {
    return base::fail(base::Errc::refused, path + " belongs to another user's process; not using it");
  }
  return socket;
}

}  // namespace zel::wire
