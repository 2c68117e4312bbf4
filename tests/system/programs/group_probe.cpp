// Why: collective operations of real ranks, of which one is killed in the middle: `group_probe <operation> <rank> <µs>`.
// Each survivor prints what it saw, and goes on with the others.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <zel/zel.hpp>

namespace {

using Operation = std::function<void(zel::Group&)>;

const std::map<std::string, Operation> operations{
    {"barrier", [](zel::Group& group) { group.barrier(); }},
    {"broadcast", [](zel::Group& group) {
       std::vector<int> values(100'000);
       group.broadcast(std::span(values), group.ranks().back());
     }},
    {"reduce", [](zel::Group& group) { group.reduce(std::vector<int>(1000, 1), zel::sum, group.ranks().front()); }},
    {"allreduce", [](zel::Group& group) { group.allreduce(std::vector<double>(30'000, 1), zel::sum); }},
    {"gather", [](zel::Group& group) { group.gather(std::string(3000, 'a'), group.ranks().front()); }},
    {"allgather", [](zel::Group& group) { group.allgather(std::string(3000, 'a')); }},
    {"scatter", [](zel::Group& group) { group.scatter(std::vector<int>(group.ranks().size()), group.ranks().front()); }},
    {"alltoall", [](zel::Group& group) { group.alltoall(std::vector<std::string>(group.ranks().size(), std::string(5000, 'a'))); }},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const Operation& operation = operations.at(argv[1]);
  const int lost = std::atoi(argv[2]);
  const auto strike = std::chrono::microseconds(std::atoi(argv[3]));
  zel::Job job;
  zel::Group all(job.messages());
  std::thread killer;
  if (job.rank() == lost) {
    all.barrier();
    killer = std::thread([strike] {
      const auto until = std::chrono::steady_clock::now() + strike;
      while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
      ::kill(::getpid(), SIGKILL);
    });
  }
  try {
    if (job.rank() != lost) all.barrier();
    for (;;) operation(all);
  } catch (const zel::Error& error) {
    zel::Group next = all.without_lost();
    operation(next);
    const int members = next.allreduce(1, zel::sum);
    std::printf("%d: lost %d, %d go on\n", job.rank(), error.code() == zel::Errc::member_lost ? error.rank() : -1, members);
  }
}
