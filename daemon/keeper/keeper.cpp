#include "daemon/keeper/keeper.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "daemon/keeper/process_tree.hpp"

namespace zel::keeper {

namespace {

constexpr unsigned spawn_threads = 2;  // more than two contend for the kernel's process table lock
constexpr auto sweep_limit = std::chrono::seconds(5);
constexpr auto answer_limit = std::chrono::seconds(2);

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

bool is_elf(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4> magic{};
  return file && ::read(file.get(), magic.data(), magic.size()) == 4 && magic == std::array<char, 4>{0x7f, 'E', 'L', 'F'};
}

base::UniqueFd watch_children() {
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  return base::UniqueFd(::signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

Keeper::Keeper(base::UniqueFd node) : node_(std::move(node)), child_ended_(watch_children()) {}

void Keeper::tell(const wire::keeper::ToNode& message) { node_.push(wire::keeper::encode(message)); }

base::Result<void> Keeper::handle(const wire::keeper::ToKeeper& message) {
  using namespace wire::keeper;
  if (const auto* program = std::get_if<Program>(&message)) {
    if (has_program_) return base::fail(base::Errc::bad_message, "a second program");
    has_program_ = true;
    image_ = {program->path, program->arguments, program->environment, program->open_files, is_elf(program->path)};
    directory_ = program->directory;
    chdir_error_ = ::chdir(directory_.c_str()) == 0 ? 0 : errno;
    spawner_ = std::make_unique<Spawner>(image_, spawn_threads);
  } else if (const auto* spawn = std::get_if<Spawn>(&message)) {
    Order order{spawn->rank, spawn->environment, spawn->cpus, node_.take_fd(), node_.take_fd(), node_.take_fd(),
                node_.take_fd()};
    if (!has_program_ || !order.kept) return base::fail(base::Errc::bad_message, "a start without its means");
    if (chdir_error_ != 0) {
      tell(SpawnFailed{spawn->rank, chdir_error_, "change to the working directory " + directory_ + " for"});
      return {};
    }
    if (!spawner_->works()) {
      tell(SpawnFailed{spawn->rank, EAGAIN, "make a thread for"});
      return {};
    }
    order.environment.push_back(std::string(member_socket_variable) + "=" + std::to_string(order.kept.get()));
    spawner_->submit(std::move(order));
  } else if (const auto* signal = std::get_if<Signal>(&message)) {
    for (auto& [pid, running] : running_) {
      if (running.rank != signal->rank) continue;
      siginfo_t ended{};
      ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
      if (signal->number == SIGTERM && ended.si_pid == 0) running.told_to_end = true;
      ::kill(-pid, signal->number);
      break;
    }
  } else {
    sweeping_ = true;
  }
  return {};
}

base::Result<void> Keeper::handle_messages() {
  for (;;) {
    auto message = node_.next();
    if (!message) return tl::unexpected(message.error());
    if (!message->has_value()) return {};
    auto decoded = wire::keeper::decode_to_keeper(**message);
    if (!decoded) return tl::unexpected(decoded.error());
    if (auto handled = handle(*decoded); !handled) return handled;
  }
}

void Keeper::handle_outcomes() {
  for (const auto& outcome : spawner_->take_outcomes()) {
    const Launched& launched = outcome.launched;
    if (launched.pid < 0) {
      tell(wire::keeper::SpawnFailed{outcome.rank, launched.error_number, launched.step});
      continue;
    }
    tell(wire::keeper::Spawned{outcome.rank, launched.pid});
    const Running running{outcome.rank, outcome.started, false};
    if (const auto early = unclaimed_.find(launched.pid); early != unclaimed_.end()) {
      report_end(running, early->second);
      unclaimed_.erase(early);
    } else {
      running_.emplace(launched.pid, running);
    }
  }
  // With every start accounted for, what is unclaimed were orphans of ranks.
  if (spawner_->outstanding() == 0) unclaimed_.clear();
}

void Keeper::report_end(const Running& running, const Ended& ended) {
  wire::keeper::Exited exited;
  exited.rank = running.rank;
  exited.told_to_end = running.told_to_end;
  if (WIFSIGNALED(ended.status)) {
    exited.signal = WTERMSIG(ended.status);
  } else {
    exited.code = WEXITSTATUS(ended.status);
  }
  exited.user_us = microseconds(ended.usage.ru_utime);
  exited.system_us = microseconds(ended.usage.ru_stime);
  exited.max_rss_kib = static_cast<std::uint64_t>(ended.usage.ru_maxrss);
  exited.ran_us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                                 std::chrono::steady_clock::now() - running.started)
                                                 .count());
  tell(exited);
}

void Keeper::reap() {
  std::array<signalfd_siginfo, 16> seen;
  while (::read(child_ended_.get(), seen.data(), sizeof seen) > 0) {
  }
  for (;;) {
    Ended ended{};
    const pid_t pid = ::wait4(-1, &ended.status, WNOHANG, &ended.usage);
    if (pid <= 0) return;
    if (const auto found = running_.find(pid); found != running_.end()) {
      report_end(found->second, ended);
      running_.erase(found);
    } else if (spawner_ && spawner_->outstanding() > 0) {
      unclaimed_.emplace(pid, ended);
    }
  }
}

int Keeper::sweep_and_answer() {
  reap();  // who has ended by itself did so before we killed anybody
  for (auto& entry : running_) entry.second.told_to_end = true;
  if (spawner_) spawner_->cancel();
  const auto reaped = [this](pid_t pid, int status) {
    if (const auto found = running_.find(pid); found != running_.end()) {
      report_end(found->second, {status, {}});
      running_.erase(found);
    }
  };
  // A start that is on its way would escape a single sweep.
  const base::Time deadline = std::chrono::steady_clock::now() + sweep_limit;
  while (spawner_ && spawner_->outstanding() > 0 && std::chrono::steady_clock::now() < deadline) {
    sweep(base::Duration::zero(), {}, reaped);
    pollfd ready{spawner_->ready_fd(), POLLIN, 0};
    ::poll(&ready, 1, 10);
    handle_outcomes();
    for (auto& entry : running_) entry.second.told_to_end = true;
  }
  const std::uint32_t survivors = sweep(sweep_limit, {}, reaped);
  tell(wire::keeper::Swept{survivors});
  // The node may be gone, which is no concern of a tree that is swept.
  [[maybe_unused]] const auto told = node_.flush_within(answer_limit);
  return survivors == 0 ? 0 : 1;
}

int Keeper::run() {
  while (!sweeping_) {
    std::array<pollfd, 3> entries{{{node_.fd(), POLLIN, 0}, {child_ended_.get(), POLLIN, 0}, {-1, POLLIN, 0}}};
    if (node_.queued_bytes() > 0) entries[0].events |= POLLOUT;
    if (spawner_) entries[2].fd = spawner_->ready_fd();
    if (::poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR) break;
    if (entries[2].revents != 0) handle_outcomes();
    if (entries[1].revents != 0) reap();
    if ((entries[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      auto more = node_.fill();
      if (!more || !*more || !handle_messages()) break;
    }
    if (!node_.flush()) break;
  }
  return sweep_and_answer();
}

}  // namespace zel::keeper
