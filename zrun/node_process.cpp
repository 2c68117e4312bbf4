#include "zrun/node_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "wire/channel.hpp"

extern char** environ;

namespace zel::zrun {

namespace {

std::string beside_this_program(const std::string& name) {
  std::array<char, 4096> buffer;
  const ssize_t length = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  const std::string self(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return self.substr(0, self.rfind('/') + 1) + name;
}

}  // namespace

base::Result<NodeProcess> start_private_node() {
  auto ends = wire::socket_pair();
  if (!ends) return tl::unexpected(ends.error());
  auto& [mine, nodes] = *ends;

  const std::string program = beside_this_program("zel-private");
  const std::string number = std::to_string(nodes.get());
  std::array<char*, 3> arguments{const_cast<char*>("zel-private"), const_cast<char*>(number.c_str()), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, nodes.get(), nodes.get());  // stays open under its number
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);      // stdin is read by zrun alone
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A session of its own, from the first instant: the terminal's Ctrl-C is for zrun, which forwards it. And no
  // signal before the node is ready for one.
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) sigaddset(&blocked, each);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  NodeProcess node;
  const int error = ::posix_spawn(&node.pid, program.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return base::fail(base::Errc::system, "cannot start " + program + ": " + std::strerror(error) +
                                              (error == ENOENT ? "; it must stand beside zrun" : ""));
  }
  node.connection = std::move(mine);
  return node;
}

}  // namespace zel::zrun
