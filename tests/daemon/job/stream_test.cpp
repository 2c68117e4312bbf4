// Two ends of a stream over a link that loses, repeats and reorders, from seeds.
#include "daemon/job/stream.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace zel::job {
namespace {

using namespace std::chrono_literals;
using wire::job::Segment;

const wire::job::JobId job{{{1}}, 7};

base::Bytes text(std::uint32_t number) {
  const std::string words = std::to_string(number);
  const auto bytes = base::as_bytes(words);
  return {bytes.begin(), bytes.end()};
}

struct Weather {
  double loss = 0;
  double repeated = 0;
  base::Duration delay = 5ms;
  base::Duration jitter = 0ms;
};

/// Both ends and what is between them.
struct Line {
  Line(Weather conditions, std::uint64_t seed, const StreamConfig& config = {})
      : weather(conditions), random(seed), primary(job, true, config, now), host(job, false, config, now) {}

  void carry(Stream& from, Stream& to) {
    for (auto& segment : from.take_segments()) {
      ++sent;
      if (cut || random.chance(weather.loss)) continue;
      const int copies = random.chance(weather.repeated) ? 2 : 1;
      for (int i = 0; i < copies; ++i) {
        const auto late = std::chrono::duration_cast<base::Duration>(weather.jitter * random.unit());
        on_the_way.emplace(now + weather.delay + late, std::pair(&to, segment));
      }
    }
  }
  void step() {
    carry(primary, host);
    carry(host, primary);
    base::Time next = std::min(primary.next_deadline(), host.next_deadline());
    if (!on_the_way.empty()) next = std::min(next, on_the_way.begin()->first);
    now = std::max(now, next);
    while (!on_the_way.empty() && on_the_way.begin()->first <= now) {
      auto [to, segment] = std::move(on_the_way.begin()->second);
      on_the_way.erase(on_the_way.begin());
      to->on_segment(segment, now);
    }
    for (Stream* end : {&primary, &host}) {
      if (end->next_deadline() <= now) end->on_timer(now);
    }
    while (!host_is_busy && host.waiting()) at_host.push_back(std::string(base::as_text(host.take(now))));
    while (primary.waiting()) at_primary.push_back(std::string(base::as_text(primary.take(now))));
  }
  void run(base::Duration duration) {
    for (const base::Time end = now + duration; now < end && !(primary.broken() && host.broken());) step();
  }

  Weather weather;
  base::Random random;
  base::Time now{1h};
  Stream primary;
  Stream host;
  bool host_is_busy = false;  // takes nothing
  bool cut = false;
  std::size_t sent = 0;
  std::multimap<base::Time, std::pair<Stream*, Segment>> on_the_way;
  std::vector<std::string> at_host, at_primary;
};

std::vector<std::string> numbers(std::uint32_t count) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < count; ++i) all.push_back(std::to_string(i));
  return all;
}

TEST(Stream, EverythingArrivesOnceInOrderWhateverTheLinkDoes) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Line line({0.3, 0.2, 5ms, 60ms}, seed);
    for (std::uint32_t i = 0; i < 200; ++i) {
      line.primary.send(text(i), line.now);
      line.host.send(text(i), line.now);
      if (i % 10 == 0) line.step();
    }
    line.run(60s);
    ASSERT_FALSE(line.primary.broken() || line.host.broken());
    ASSERT_EQ(line.at_host, numbers(200));
    ASSERT_EQ(line.at_primary, numbers(200));
    EXPECT_TRUE(line.primary.all_acknowledged());
    EXPECT_EQ(line.primary.queued_bytes(), 0u);
  }
}

TEST(Stream, AQuietStreamSaysSomethingEverySecondAndNoMore) {
  Line line({}, 1);
  line.run(60s);
  EXPECT_FALSE(line.primary.broken());
  EXPECT_GE(line.sent, 118u);
  EXPECT_LE(line.sent, 124u);
}

TEST(Stream, NothingHeardForTheWholePatienceIsTheEnd) {
  Line line({}, 1);
  line.primary.send(text(0), line.now);
  line.run(2s);
  line.cut = true;
  const base::Time cut_at = line.now;
  line.run(8s);
  EXPECT_FALSE(line.primary.broken());
  line.run(20s);
  ASSERT_TRUE(line.primary.broken() && line.host.broken());
  EXPECT_LE(line.now - cut_at, 11s);
  EXPECT_EQ(*line.primary.broken(), "nothing was heard of it for 10 s");
}

TEST(Stream, AnInterruptionShorterThanThePatienceLosesNothing) {
  Line line({}, 1);
  line.cut = true;
  for (std::uint32_t i = 0; i < 50; ++i) line.primary.send(text(i), line.now);
  line.run(7s);
  line.cut = false;
  line.run(5s);
  EXPECT_EQ(line.at_host, numbers(50));
}

TEST(Stream, WhatIsInFlightIsBounded) {
  StreamConfig config;
  config.in_flight_bytes = 1000;
  config.congested_bytes = 2000;
  config.max_queued_bytes = 10'000;
  Line line({}, 1, config);
  for (int i = 0; i < 30; ++i) line.primary.send(base::Bytes(100), line.now);
  EXPECT_EQ(line.primary.take_segments().size(), 10u);
  EXPECT_TRUE(line.primary.congested());
  for (int i = 0; i < 80; ++i) line.primary.send(base::Bytes(100), line.now);
  EXPECT_TRUE(line.primary.broken()) << "a queue that nobody empties is no queue";
}

TEST(Stream, AnEndThatTakesNothingHoldsTheOtherBack) {
  StreamConfig config;
  config.in_flight_bytes = 1000;
  config.congested_bytes = 2000;
  config.relieved_bytes = 1000;
  Line line({0.1, 0.1, 5ms, 0ms}, 4, config);
  line.host_is_busy = true;
  std::uint32_t sent = 0;
  while (!line.primary.congested()) line.primary.send(text(100'000 + sent++), line.now);
  line.run(30s);
  EXPECT_FALSE(line.primary.broken()) << "it is alive, and says so";
  EXPECT_TRUE(line.primary.congested()) << "what is not taken is not acknowledged";
  EXPECT_GT(line.primary.queued_bytes(), 2000u);
  line.host_is_busy = false;
  line.run(10s);
  EXPECT_FALSE(line.primary.congested());
  EXPECT_EQ(line.at_host.size(), sent);
  EXPECT_TRUE(line.primary.all_acknowledged());
}

TEST(Stream, ALargeSegmentIsSentThoughItIsLargerThanTheWindow) {
  StreamConfig config;
  config.in_flight_bytes = 1000;
  Line line({0.3, 0, 5ms, 0ms}, 3, config);
  line.primary.send(base::Bytes(5000), line.now);
  line.primary.send(text(1), line.now);
  line.run(10s);
  ASSERT_EQ(line.at_host.size(), 2u);
  EXPECT_EQ(line.at_host[0].size(), 5000u);
}

TEST(Stream, WhoIsToldThatNobodyIsThereStopsAtOnce) {
  Line line({}, 1);
  line.primary.send(text(0), line.now);
  Segment reset{job, false, wire::job::SegmentKind::reset, 0, 0, text(5)};
  line.primary.on_segment(reset, line.now);
  EXPECT_EQ(line.primary.broken(), "5");
  EXPECT_EQ(line.primary.next_deadline(), base::never);
}

TEST(Stream, EndsThatRememberDifferentPastsPart) {
  Line line({}, 1);
  line.primary.send(text(0), line.now);
  line.primary.on_segment({job, false, wire::job::SegmentKind::ack, 0, 99, {}}, line.now);
  EXPECT_EQ(line.primary.broken(), "it acknowledges what was never sent");
}

TEST(Stream, NonsenseChangesNothing) {
  Line line({}, 1);
  line.primary.send(text(0), line.now);
  line.primary.on_segment({job, false, wire::job::SegmentKind::data, std::uint64_t{1} << 60, 0, text(1)}, line.now);
  line.run(1s);
  EXPECT_TRUE(line.at_primary.empty());
  EXPECT_EQ(line.at_host, numbers(1));
}

}  // namespace
}  // namespace zel::job
