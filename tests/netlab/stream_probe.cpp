// Why: what a cut does to messages shows in a job that streams numbered records while it happens. One scene per first
// argument; each rank prints what it saw, one line a fact, beginning with its rank.
//
//     stream [linked]   rank 0 sends numbers, rank 1 gives them back, until a line comes from standard input; `linked`: it
//                       begins when there is a direct link
//     survive           barriers until a rank is lost; the others go on without it
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <zel/zel.hpp>

#include "tests/support/connections.hpp"

namespace {

using zel::test::has_connection;

using namespace std::chrono_literals;

constexpr int last = -1;
constexpr int most_ahead = 64;

struct Record {
  int number;
  std::array<std::byte, 1000> filling{};
};

void print(const zel::Job& job, const std::string& text) {
  std::printf("%d: %s\n", job.rank(), text.c_str());
  std::fflush(stdout);
}

bool told_to_end() {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  return ::poll(&in, 1, 0) > 0;
}

void send_numbers(zel::Job& job, bool linked) {
  auto& messages = job.messages();
  int sent = 0;
  int back = 0;
  const auto take = [&] {
    if (messages.receive<Record>(1).number != back) throw std::runtime_error("not in order, or not once");
    ++back;
    if (back % 50 == 0) print(job, "at " + std::to_string(back));
  };
  bool told = false;
  while (!told_to_end()) {
    if (!told && (!linked || has_connection())) {
      print(job, "up");
      told = true;
    }
    messages.send(1, Record{sent++});
    while (sent - back > most_ahead || messages.probe(1)) take();
    std::this_thread::sleep_for(2ms);  // so many, and not as many as there can be
  }
  while (back < sent) take();
  messages.send(1, Record{last});
  print(job, std::to_string(sent) + " there and back");
}

void give_back(zel::Job& job) {
  for (int expected = 0;; ++expected) {
    const auto record = job.messages().receive<Record>(0);
    if (record.number == last) return print(job, std::to_string(expected) + " in order");
    if (record.number != expected) throw std::runtime_error("not in order, or not once");
    job.messages().send(0, record);
  }
}

void survive(zel::Job& job) {
  auto& messages = job.messages();
  int lost = -1;
  try {
    for (bool told = false;; told = true) {
      messages.barrier();
      if (!told) print(job, std::string("up on ") + std::getenv("ZEL_NODE"));
      std::this_thread::sleep_for(10ms);
    }
  } catch (const zel::Error& error) {
    lost = error.rank();
    print(job, "lost " + std::to_string(lost) + ": " + error.what());
  }
  while (auto event = job.membership().wait(30s)) {
    if (event->kind != zel::EventKind::died) continue;
    print(job, "died " + std::to_string(event->rank));
    break;
  }
  for (int to = 0; to < job.size(); ++to) {
    if (to != job.rank() && to != lost) messages.send(to, to);
  }
  for (int from = 0; from < job.size(); ++from) {
    if (from != job.rank() && from != lost && messages.receive<int>(from) != job.rank()) throw std::runtime_error("wrong");
  }
  print(job, "goes on");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string scene = argc > 1 ? argv[1] : "";
  try {
    zel::Job job;
    if (scene == "survive") survive(job);
    else if (job.rank() == 0) send_numbers(job, argc > 2);
    else give_back(job);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stream_probe: %s\n", error.what());
    return 3;
  }
}
