#include "tests/support/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

extern char** environ;

namespace zel::test {

namespace {

using Clock = std::chrono::steady_clock;

std::pair<base::UniqueFd, base::UniqueFd> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> list;
  for (char** entry = environ; *entry; ++entry) {
    const std::string assignment = *entry;
    if (!added.contains(assignment.substr(0, assignment.find('=')))) list.push_back(assignment);
  }
  for (const auto& [name, value] : added) list.push_back(name + "=" + value);
  return list;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (auto& text : strings) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::string contents_of(const std::ifstream& file) {
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// False at the end of the stream.
bool read_some(int fd, std::string& into) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

}  // namespace

std::string program(const std::string& name) { return std::string(ZEL_TEST_BIN) + "/" + name; }

Process::Process(std::vector<std::string> arguments) : Process(std::move(arguments), Options{}) {}

Process::Process(std::vector<std::string> arguments, Options options)
    : unwritten_(std::move(options.input)), keep_stdin_open_(options.keep_stdin_open) {
  ::signal(SIGPIPE, SIG_IGN);
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.first.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, out.second.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, err.second.get(), 2);
  if (!options.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  // A process group of its own, as a shell gives it.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  auto environment = environment_with(options.environment);
  if (::posix_spawnp(&pid_, arguments.front().c_str(), &actions, &attributes, pointers(arguments).data(),
                     pointers(environment).data()) != 0) {
    pid_ = -1;
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  stdin_ = std::move(in.second);
  stdout_ = std::move(out.first);
  stderr_ = std::move(err.first);
  for (const int fd : {stdin_.get(), stdout_.get(), stderr_.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Process::write(const std::string& text) { unwritten_ += text; }

/// Moves bytes both ways until there is enough, everything ended, or the deadline has passed.
void Process::pump(Clock::time_point deadline, const std::function<bool()>& enough) {
  while (!enough() && (stdout_ || stderr_) && Clock::now() < deadline) {
    if (unwritten_.empty() && !keep_stdin_open_) stdin_.reset();
    std::array<pollfd, 3> entries{{{stdout_.get(), POLLIN, 0},
                                   {stderr_.get(), POLLIN, 0},
                                   {unwritten_.empty() ? -1 : stdin_.get(), POLLOUT, 0}}};
    ::poll(entries.data(), entries.size(), 50);
    if (entries[0].revents != 0 && !read_some(stdout_.get(), out_)) stdout_.reset();
    if (entries[1].revents != 0 && !read_some(stderr_.get(), err_)) stderr_.reset();
    if (entries[2].revents != 0) {
      const ssize_t put = ::write(stdin_.get(), unwritten_.data(), unwritten_.size());
      if (put > 0) {
        unwritten_.erase(0, static_cast<std::size_t>(put));
      } else if (errno != EAGAIN) {
        unwritten_.clear();
        stdin_.reset();
      }
    }
  }
}

bool Process::wait_for_output(const std::string& text, std::chrono::milliseconds limit) {
  pump(Clock::now() + limit, [&] { return out_.find(text) != std::string::npos; });
  return out_.find(text) != std::string::npos;
}

Finished Process::finish(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  pump(deadline, [] { return false; });
  Finished finished;
  int status = 0;
  while (pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
      err_ += "\n[test: killed after its time was up]\n";
      break;
    }
    ::poll(nullptr, 0, 1);
  }
  if (pid_ > 0) finished.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  pid_ = -1;
  finished.out = std::move(out_);
  finished.err = std::move(err_);
  return finished;
}

Finished run(std::vector<std::string> arguments, std::string input) {
  Process::Options options;
  options.input = std::move(input);
  return Process(std::move(arguments), std::move(options)).finish();
}

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!condition()) {
    if (Clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

std::vector<pid_t> processes_with(const std::string& assignment) {
  std::vector<pid_t> found;
  DIR* directory = ::opendir("/proc");
  if (!directory) return found;
  while (const dirent* entry = ::readdir(directory)) {
    const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (pid <= 0) continue;
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
    const std::string environment = contents_of(file);
    if (('\0' + environment).find('\0' + assignment + '\0') != std::string::npos) found.push_back(pid);
  }
  ::closedir(directory);
  return found;
}

bool is_alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string text = contents_of(file);
  const auto state = text.rfind(')');
  return state != std::string::npos && state + 2 < text.size() && text[state + 2] != 'Z';
}

}  // namespace zel::test
