#include "daemon/keeper/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/unique_fd.hpp"

namespace zel::keeper {

namespace {

std::string read_small_file(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file) return text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

/// Entries of a /proc folder whose names are numbers.
std::vector<pid_t> numbered_entries(const std::string& folder) {
  std::vector<pid_t> numbers;
  DIR* directory = ::opendir(folder.c_str());
  if (!directory) return numbers;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
      numbers.push_back(static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)));
    }
  }
  ::closedir(directory);
  return numbers;
}

/// Direct children of all threads of `pid`.
std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const std::string folder = "/proc/" + std::to_string(pid) + "/task";
  for (const pid_t thread : numbered_entries(folder)) {
    const std::string text = read_small_file(folder + "/" + std::to_string(thread) + "/children");
    const char* at = text.c_str();
    for (char* end = nullptr;; at = end) {
      const long child = std::strtol(at, &end, 10);
      if (end == at) break;
      children.push_back(static_cast<pid_t>(child));
    }
  }
  return children;
}

bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool contains(const std::vector<pid_t>& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

}  // namespace

bool adopt_orphans() { return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0; }

std::vector<pid_t> descendants(const std::vector<pid_t>& spared) {
  std::vector<pid_t> found = children_of(::getpid());
  std::erase_if(found, [&](pid_t pid) { return contains(spared, pid); });
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto below = children_of(found[i]);
    found.insert(found.end(), below.begin(), below.end());
  }
  return found;
}

std::uint32_t sweep(base::Duration limit, const std::vector<pid_t>& spared, const Reaped& reaped) {
  const base::Time deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (!has_children()) return 0;
    // Only ended children that are not spared are reaped: a spared one's status belongs to someone else.
    for (const pid_t child : children_of(::getpid())) {
      int status = 0;
      if (!contains(spared, child) && ::waitpid(child, &status, WNOHANG) == child && reaped) reaped(child, status);
    }
    const auto alive = descendants(spared);
    if (alive.empty()) return 0;
    for (const pid_t pid : alive) ::kill(pid, SIGKILL);
    if (std::chrono::steady_clock::now() >= deadline) return static_cast<std::uint32_t>(alive.size());
    ::poll(nullptr, 0, 1);
  }
}

}  // namespace zel::keeper
