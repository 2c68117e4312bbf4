#include "daemon/io/keeper_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "wire/channel.hpp"

extern char** environ;

namespace zel::io {

base::Result<KeeperProcess> start_keeper(const std::string& path) {
  auto ends = wire::socket_pair();
  if (!ends) return tl::unexpected(ends.error());
  auto& [mine, keepers] = *ends;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Onto itself: stays open across exec under the same number.
  posix_spawn_file_actions_adddup2(&actions, keepers.get(), keepers.get());
  const std::string number = std::to_string(keepers.get());
  std::array<char*, 3> arguments{const_cast<char*>("zel-keeper"), const_cast<char*>(number.c_str()), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return base::fail(base::Errc::system, "cannot start " + path + ": " + std::strerror(error) +
                                              " (is the installation complete?)");
  }
  return KeeperProcess{pid, std::move(mine)};
}

std::string sibling_program(const std::string& name) {
  std::array<char, 4096> buffer;
  const ssize_t length = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  const std::string self(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return self.substr(0, self.rfind('/') + 1) + name;
}

std::uint64_t raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return before;
}

std::uint64_t open_files_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

}  // namespace zel::io
