#include "daemon/keeper/spawn.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

namespace zel::keeper {

namespace {

std::string_view name_of_variable(std::string_view assignment) {
  return assignment.substr(0, assignment.find('='));
}

/// The two environments as one list of pointers into them.
std::vector<char*> merged_environment(const Image& image, const Launch& launch) {
  std::vector<char*> merged;
  merged.reserve(image.environment.size() + launch.environment.size() + 1);
  for (const auto& entry : launch.environment) merged.push_back(const_cast<char*>(entry.c_str()));
  for (const auto& entry : image.environment) {
    const auto name = name_of_variable(entry);
    const bool replaced =
        std::any_of(launch.environment.begin(), launch.environment.end(),
                    [&](const std::string& added) { return name_of_variable(added) == name; });
    if (!replaced) merged.push_back(const_cast<char*>(entry.c_str()));
  }
  merged.push_back(nullptr);
  return merged;
}

/// Everything the child needs, made before the fork: after vfork it shares our memory, and may only make
/// system calls.
struct ChildPlan {
  const char* path;
  char* const* arguments;
  char* const* shell_arguments;
  char* const* environment;
  const cpu_set_t* cpus;
  std::size_t cpus_bytes;
  int in, out, err, kept;
  rlimit open_files;
  bool is_elf;  // a damaged or foreign program is no script
  pid_t parent;
};

struct Failure {
  int error_number = 0;
  const char* step = "";
};

[[noreturn]] void fail_child(volatile Failure* failure, const char* step) {
  failure->error_number = errno;
  failure->step = step;
  ::_exit(127);
}

[[noreturn]] void become(const ChildPlan& plan, volatile Failure* failure) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail_child(failure, "tie to its keeper");
  if (::getppid() != plan.parent) ::_exit(127);  // the keeper died before the line above
  ::setpgid(0, 0);
  if (plan.cpus && ::sched_setaffinity(0, plan.cpus_bytes, plan.cpus) != 0) fail_child(failure, "bind to its cores");
  if (::dup2(plan.in, 0) < 0 || ::dup2(plan.out, 1) < 0 || ::dup2(plan.err, 2) < 0) {
    fail_child(failure, "connect the standard streams");
  }
  if (plan.kept >= 0) ::fcntl(plan.kept, F_SETFD, 0);
  ::setrlimit(RLIMIT_NOFILE, &plan.open_files);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(plan.path, plan.arguments, plan.environment);
  if (errno == ENOEXEC && !plan.is_elf) ::execve("/bin/sh", plan.shell_arguments, plan.environment);
  fail_child(failure, "execute");
}

/// A frame of its own, so that the child cannot disturb the caller's.
__attribute__((noinline)) pid_t fork_and_become(const ChildPlan& plan, volatile Failure* failure) {
  const pid_t pid = ::vfork();
  if (pid == 0) become(plan, failure);
  return pid;
}

}  // namespace

Launched launch(const Image& image, const Launch& launch) {
  std::vector<char*> arguments;
  std::vector<char*> shell_arguments{const_cast<char*>("sh"), const_cast<char*>(image.path.c_str())};
  for (const auto& argument : image.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  for (std::size_t i = 1; i < arguments.size(); ++i) shell_arguments.push_back(arguments[i]);
  arguments.push_back(nullptr);
  shell_arguments.push_back(nullptr);
  const auto environment = merged_environment(image, launch);

  cpu_set_t* cpus = nullptr;
  std::size_t cpus_bytes = 0;
  if (!launch.cpus.empty()) {
    const auto highest = *std::max_element(launch.cpus.begin(), launch.cpus.end());
    cpus = CPU_ALLOC(highest + 1);
    cpus_bytes = CPU_ALLOC_SIZE(highest + 1);
    CPU_ZERO_S(cpus_bytes, cpus);
    for (const auto cpu : launch.cpus) CPU_SET_S(cpu, cpus_bytes, cpus);
  }

  rlimit open_files{};
  ::getrlimit(RLIMIT_NOFILE, &open_files);
  open_files.rlim_cur = std::min<rlim_t>(image.open_files, open_files.rlim_max);
  const ChildPlan plan{image.path.c_str(), arguments.data(), shell_arguments.data(), environment.data(), cpus,
                       cpus_bytes,         launch.in,        launch.out,             launch.err,         launch.kept,
                       open_files,         image.is_elf,         ::getpid()};
  volatile Failure failure;
  failure.error_number = 0;
  failure.step = "";
  Launched result;
  result.pid = fork_and_become(plan, &failure);
  if (result.pid < 0) {
    result.error_number = errno;
    result.step = "make a process";
  } else if (failure.error_number != 0) {
    result.pid = -1;  // its exit is reaped as an unknown child's
    result.error_number = failure.error_number;
    result.step = failure.step;
  }
  if (cpus) CPU_FREE(cpus);
  return result;
}

}  // namespace zel::keeper
