// Why: system tests need real libzel programs. One program, one scene per first argument; each prints what it
// saw, one line a fact, beginning with its rank.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <thread>
#include <vector>
#include <zel/zel.hpp>

namespace {

using namespace std::chrono_literals;

const char* name_of(zel::EventKind kind) {
  static const char* const names[] = {"joined", "left", "died", "elected", "signalled", "closed", "terminated"};
  return names[static_cast<int>(kind)];
}

void print(const zel::Job& job, const std::string& text) {
  std::printf("%d: %s\n", job.rank(), text.c_str());
  std::fflush(stdout);
}

void print(const zel::Job& job, const zel::Event& event) {
  print(job, std::to_string(event.sequence) + " " + name_of(event.kind) + " " + std::to_string(event.rank) +
                 (event.text.empty() ? "" : " " + event.text));
}

/// Prints entries until one of this kind about this rank has come.
void print_until(zel::Job& job, zel::EventKind kind, int rank) {
  while (auto event = job.membership().wait(20s)) {
    print(job, *event);
    if (event->kind == kind && event->rank == rank) return;
  }
  print(job, "waited in vain");
  std::exit(9);
}

void identity(zel::Job& job) {
  print(job, std::to_string(job.rank()) + "/" + std::to_string(job.size()) + " local " +
                 std::to_string(job.local_rank()) + "/" + std::to_string(job.local_size()) + " " + job.id());
}

void log_of_all(zel::Job& job) {
  job.membership().wait_closed();
  for (const auto& event : job.membership().poll()) {
    print(job, event);
    if (event.kind == zel::EventKind::closed) break;
  }
  job.messages().barrier();
}

void election(zel::Job& job) {
  auto& members = job.membership();
  members.wait_closed();
  const int first = members.elect("master");
  print(job, "master " + std::to_string(first));
  job.messages().barrier();  // all have stood
  if (first == job.rank()) return;
  while (auto event = members.wait(20s)) {
    if (event->kind != zel::EventKind::elected || event->rank == first) continue;
    print(job, "then " + std::to_string(event->rank));
    break;
  }
  job.messages().receive<int>(job.rank(), 1);  // never comes, unless sent just below
}

void election_succession(zel::Job& job) {
  job.messages().send(job.rank(), 0, 1);
  election(job);
}

void death(zel::Job& job) {
  job.messages().barrier();
  if (job.rank() == 1) ::kill(::getpid(), SIGKILL);
  print_until(job, zel::EventKind::died, 1);
  try {
    job.messages().send(1, 7);
    print(job, "sent to the dead");
  } catch (const zel::Error& error) {
    print(job, "error " + std::to_string(static_cast<int>(error.code())) + " about " + std::to_string(error.rank()));
  }
}

void barrier_with_a_death(zel::Job& job) {
  job.messages().barrier();
  if (job.rank() == 1) ::kill(::getpid(), SIGKILL);
  try {
    job.messages().barrier();
    print(job, "passed");
  } catch (const zel::Error& error) {
    print(job, "lost " + std::to_string(error.rank()));
  }
}

/// Rank 1 of the job is a program without libzel that has ended.
void barrier_with_an_absent(zel::Job& job) {
  try {
    job.messages().barrier();
    print(job, "passed");
  } catch (const zel::Error& error) {
    print(job, "lost " + std::to_string(error.rank()));
  }
}

void fork_in_a_member(zel::Job& job) {
  job.messages().barrier();
  if (const pid_t child = ::fork(); child == 0) {
    std::exit(0);  // runs what the parent has for its exit
  } else {
    ::waitpid(child, nullptr, 0);
  }
  job.messages().barrier();
  for (const auto& event : job.membership().poll()) {
    if (event.kind == zel::EventKind::left) print(job, "left " + std::to_string(event.rank));
  }
  job.messages().barrier();
}

void signals(zel::Job& job) {
  auto& members = job.membership();
  members.wait_closed();
  if (job.rank() == 0) members.signal({1}, "hello");
  if (job.rank() == 1) print_until(job, zel::EventKind::signalled, 0);
  job.messages().barrier();
  for (const auto& event : members.poll()) {
    if (event.kind == zel::EventKind::signalled) print(job, "not mine");
  }
  if (job.rank() == 1) members.terminate();
  while (!members.terminated()) members.wait(1s);
  print(job, "terminated");
}

void ring(zel::Job& job) {
  const int next = (job.rank() + 1) % job.size();
  const int before = (job.rank() + job.size() - 1) % job.size();
  std::vector<double> numbers(1'000'000, job.rank());
  if (job.rank() == 0) job.messages().send(next, numbers);
  numbers = job.messages().receive<std::vector<double>>(before);
  if (job.rank() != 0) {
    for (double& number : numbers) number += 1;
    job.messages().send(next, numbers);
  }
  print(job, std::to_string(numbers.size()) + " of " + std::to_string(static_cast<int>(numbers.front())));
}

struct Fib {
  int n;
  bool deadly;  // somebody dies while this is computed
  long run() const {
    if (n < 14) return plain(n);
    zel::Spawned<Fib> left(Fib{n - 1, deadly});
    const long right = Fib{n - 2, deadly}.run();
    return left.sync() + right;
  }
  static long plain(int n) { return n < 2 ? n : plain(n - 1) + plain(n - 2); }
};

void compute(zel::Job& job) {
  zel::ComputeReport report;
  const long result = zel::compute(job, Fib{32, false}, &report);
  const long again = zel::compute(job, Fib{20, false});
  print(job, std::to_string(result) + " " + std::to_string(again));
  if (job.rank() == 0) {
    std::uint64_t tasks = 0;
    for (const auto& worker : report.workers) tasks += worker.tasks;
    print(job, std::to_string(report.workers.size()) + " workers, tasks " + (tasks > 1000 ? "many" : "few"));
  }
}

/// Every rank but 0 dies after a while of its own; the result must not notice.
void compute_with_deaths(zel::Job& job) {
  job.membership().wait_closed();
  std::thread killer;
  if (job.rank() != 0) {
    const int delay_ms = 3 + 13 * job.rank();
    killer = std::thread([delay_ms] {
      std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
      ::kill(::getpid(), SIGKILL);
    });
    killer.detach();
  }
  print(job, std::to_string(zel::compute(job, Fib{35, true})));
}

zel::Shared<int> quickest{"probe: quickest", 1000};
zel::Shared<int, std::greater<>> farthest{"probe: farthest", 0};
int own_rank = 0;

/// The last leaf is run by rank 0 and improves one value; a leaf that was stolen waits for it and improves the other,
/// for which the last one waits. What is true of neither at the end was not spread.
struct Seek {
  int depth;
  int path;
  bool alone;

  int run() const {
    if (depth > 0) {
      zel::Spawned<Seek> left(Seek{depth - 1, 2 * path, alone});
      const int right = Seek{depth - 1, 2 * path + 1, alone}.run();
      return left.sync() + right;
    }
    if (path == 7) quickest.improve(7);
    const bool quick = comes_true([] { return quickest.get() == 7; });
    if (own_rank != 0) farthest.improve(own_rank);
    const bool far = path != 7 || alone || comes_true([] { return farthest.get() > 0; });
    return quick && far ? 1 : 0;
  }
  /// Messages are looked for at a spawn, and when asked.
  static bool comes_true(bool (*condition)()) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end) zel::aborted();
    return condition();
  }
};

void shared(zel::Job& job) {
  job.membership().wait_closed();
  own_rank = job.rank();
  print(job, std::to_string(zel::compute(job, Seek{3, 0, job.size() == 1})) + " of 8 saw it");
}

void libraries(zel::Job& job) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    for (const char* name : {"zmq", "libuv", "libssl", "nanomsg"}) {
      if (line.find(name) != std::string::npos) print(job, line);
    }
  }
  print(job, "looked");
}

void leave_without_leaving(zel::Job& job) {
  job.messages().barrier();
  if (job.rank() == 1) std::_Exit(0);
  print_until(job, zel::EventKind::died, 1);
}

void second_job(zel::Job& job) {
  try {
    zel::Job another;
  } catch (const zel::Error& error) {
    print(job, std::string("refused: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void(zel::Job&)>> scenes{
      {"identity", identity}, {"log", log_of_all}, {"election", election_succession}, {"death", death},
      {"barrier-death", barrier_with_a_death}, {"barrier-absent", barrier_with_an_absent}, {"fork", fork_in_a_member}, {"signals", signals}, {"ring", ring}, {"compute", compute},
      {"compute-deaths", compute_with_deaths}, {"shared", shared}, {"libraries", libraries}, {"no-leave", leave_without_leaving},
      {"second", second_job}};
  const auto scene = scenes.find(argc > 1 ? argv[1] : "");
  if (scene == scenes.end()) return 2;
  try {
    static zel::Job job;  // destroyed by exit(), also by a forked child's
    scene->second(job);
    return 0;
  } catch (const zel::Error& error) {
    std::fprintf(stderr, "zel_probe: %s\n", error.what());
    return 3;
  }
}
