// Why: how long does the first byte between two ranks take, that know nothing of one another, and what does a round
// trip take once the way is the best there is? Both ends are on one machine, in a lab, so they share a clock.
// Usage: zrun -n 2 first_byte SECONDS. One JSON line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>
#include <zel/zel.hpp>

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::chrono::duration<double> time(std::atof(argv[1]));
  zel::Job job;
  auto& messages = job.messages();
  job.membership().wait_closed();
  constexpr int question = 0;
  constexpr int done = 1;
  if (job.rank() == 1) {
    for (;;) {
      zel::Envelope envelope;
      const auto sent = messages.receive<Clock::duration::rep>(0, zel::any_tag, &envelope);
      if (envelope.tag == done) break;
      messages.send(0, (Clock::now().time_since_epoch() - Clock::duration(sent)).count());
    }
    return 0;
  }
  double first_byte_ms = 0;
  std::vector<double> round_trips_ms;
  const auto end = Clock::now() + time;
  while (Clock::now() < end || round_trips_ms.size() < 10) {
    const auto start = Clock::now();
    messages.send(1, start.time_since_epoch().count(), question);
    const Clock::duration one_way(messages.receive<Clock::duration::rep>(1));
    if (round_trips_ms.empty()) first_byte_ms = milliseconds(one_way);
    round_trips_ms.push_back(milliseconds(Clock::now() - start));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  messages.send(1, Clock::duration::rep{0}, done);
  const double first_ms = round_trips_ms.front();
  // The last quarter: on the way it has come to by then.
  round_trips_ms.erase(round_trips_ms.begin(), round_trips_ms.begin() + static_cast<std::ptrdiff_t>(round_trips_ms.size() * 3 / 4));
  std::printf("{\"first_byte_ms\": %.3f, \"first_round_trip_ms\": %.3f, \"round_trip_ms\": %.3f}\n", first_byte_ms, first_ms,
              median(std::move(round_trips_ms)));
  return 0;
}
