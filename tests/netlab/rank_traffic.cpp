// Why: what ranks send must arrive once and in order while the way between them changes. Every rank sends numbered
// messages of many sizes to every other for a while, and checks each that comes. Usage: rank_traffic SECONDS
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>
#include <vector>
#include <zel/zel.hpp>

namespace {

using Clock = std::chrono::steady_clock;
using Numbers = std::vector<std::uint64_t>;

constexpr int number_tag = 1;
constexpr int last_tag = 2;
constexpr std::size_t most_under_way = 4;  // of one receiver

Numbers message(int from, std::uint64_t number, int ranks) {
  // Mostly small; now and then one that does not fit into a post, and between two ranks not into a record of a link
  // either. Of many ranks each sends less: it is order that is tried here, not what nodes can carry.
  const std::size_t largest = ranks == 2 ? 50'000 : 6'000;
  const std::size_t size = number % 64 == 63 ? largest : number % 8 == 7 ? largest / 8 : 4;
  Numbers numbers(size, number * 31 + static_cast<std::uint64_t>(from));
  numbers.front() = number;
  return numbers;
}

struct Sending {
  std::uint64_t next = 0;
  std::deque<std::pair<Numbers, zel::Request>> under_way;

  void settle() {
    while (!under_way.empty() && under_way.front().second.test()) under_way.pop_front();
  }
};

[[noreturn]] void fail(const zel::Job& job, int from, std::uint64_t wanted, std::uint64_t got) {
  std::printf("%d: from %d: message %llu wanted, %llu came, or it is not whole\n", job.rank(), from,
              static_cast<unsigned long long>(wanted), static_cast<unsigned long long>(got));
  std::fflush(stdout);
  std::_Exit(9);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  zel::Job job;
  job.membership().wait_closed();
  auto& messages = job.messages();
  const auto others = static_cast<std::size_t>(job.size());
  std::vector<Sending> sending(others);
  std::vector<std::uint64_t> expected(others, 0);
  const auto receive_one = [&] {
    const auto next = messages.probe(zel::any_rank, number_tag);
    if (!next) return false;
    const auto numbers = messages.receive<Numbers>(next->from, number_tag);
    auto& wanted = expected[static_cast<std::size_t>(next->from)];
    if (numbers != message(next->from, wanted, job.size())) fail(job, next->from, wanted, numbers.empty() ? 0 : numbers.front());
    ++wanted;
    return true;
  };

  const auto end = Clock::now() + std::chrono::duration<double>(std::atof(argv[1]));
  while (Clock::now() < end) {
    for (int to = 0; to < job.size(); ++to) {
      Sending& out = sending[static_cast<std::size_t>(to)];
      out.settle();
      if (to == job.rank() || out.under_way.size() >= most_under_way) continue;
      out.under_way.emplace_back(message(job.rank(), out.next++, job.size()), zel::Request());
      auto& [numbers, request] = out.under_way.back();
      request = messages.isend(to, numbers, number_tag);
    }
    while (receive_one()) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10 * job.size()));
  }
  for (int to = 0; to < job.size(); ++to) {
    Sending& out = sending[static_cast<std::size_t>(to)];
    for (auto& [numbers, request] : out.under_way) request.wait();
    if (to != job.rank()) messages.send(to, out.next, last_tag);
  }
  std::uint64_t total = 0;
  for (int from = 0; from < job.size(); ++from) {
    if (from == job.rank()) continue;
    const auto sent = messages.receive<std::uint64_t>(from, last_tag);
    auto& wanted = expected[static_cast<std::size_t>(from)];
    while (wanted < sent) {
      const auto numbers = messages.receive<Numbers>(from, number_tag);
      if (numbers != message(from, wanted, job.size())) fail(job, from, wanted, numbers.empty() ? 0 : numbers.front());
      ++wanted;
    }
    if (messages.probe(from, number_tag)) fail(job, from, wanted, wanted);
    total += wanted;
  }
  messages.barrier();
  std::printf("%d: %llu messages, each once and in order\n", job.rank(), static_cast<unsigned long long>(total));
  return 0;
}
