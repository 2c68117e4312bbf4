#include "daemon/cli/detach.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include "daemon/cli/command.hpp"

namespace zel::cli {

namespace {

constexpr auto patience = std::chrono::seconds(30);

/// Everything until the child closes its end; what came so far when time is up.
std::string read_all(int pipe) {
  std::string text;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{pipe, POLLIN, 0};
    if (left.count() <= 0) return text;
    if (::poll(&entry, 1, static_cast<int>(left.count())) <= 0) continue;
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

int wait_for_word(pid_t child, int pipe) {
  const std::string word = read_all(pipe);
  if (word.empty()) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::fputs("zeld: the node ended, or hung, before it was ready; start it without --detach to see why\n", stderr);
    return exit_status::failed;
  }
  const int status = word.front() - '0';
  std::fprintf(status == 0 ? stdout : stderr, "%s\n", word.c_str() + 1);
  return status;
}

}  // namespace

void Parent::tell(char status, const std::string& line) {
  const std::string word = status + line;
  [[maybe_unused]] const auto put = ::write(pipe_.get(), word.data(), word.size());
  pipe_.reset();
}

void Parent::ready(const std::string& line, const std::string& log_file) {
  const base::UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const base::UniqueFd log(::open(log_file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  ::dup2(nowhere.get(), 0);
  ::dup2(nowhere.get(), 1);
  ::dup2(log ? log.get() : nowhere.get(), 2);
  tell('0', line);
}

void Parent::failed(const std::string& line, int exit_status) { tell(static_cast<char>('0' + exit_status), "zeld: " + line); }

std::variant<Parent, int> detach() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    std::perror("zeld: pipe");
    return exit_status::failed;
  }
  base::UniqueFd reading(ends[0]), writing(ends[1]);
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) {
    std::perror("zeld: fork");
    return exit_status::failed;
  }
  if (child > 0) {
    writing.reset();
    return wait_for_word(child, reading.get());
  }
  reading.reset();
  ::setsid();
  // What the shell had open, a lock or the end of a pipe, must not be held for as long as the node lives.
  const auto word = static_cast<unsigned>(writing.get());
  if (word > 3) ::close_range(3, word - 1, 0);
  ::close_range(word + 1, ~0u, 0);
  return Parent(std::move(writing));
}

}  // namespace zel::cli
