// Why: who is sent a request, who is not, and how many a peer may bring.
#include "daemon/schedule/flood.hpp"

#include <gtest/gtest.h>

#include <set>

#include "daemon/schedule/told.hpp"
#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using wire::schedule::Metric;
using wire::schedule::Request;
constexpr base::Time start{1h};

/// Nodes on a line, a millisecond apart; this one is `own`.
struct Line final : Surroundings {
  Line(std::uint32_t count, std::uint32_t own_number, std::size_t near_count = 4) : own(own_number) {
    for (std::uint32_t i = 0; i < count; ++i) {
      PeerRecord record;
      record.id = id_of(i);
      record.coordinate.position[0] = static_cast<float>(i) * 1e-3f;
      all.push_back(record);
    }
    for (const auto& peer : all) {
      if (peer.id != self().id) seen.push_back(&peer);
    }
    near = seen;
    std::stable_sort(near.begin(), near.end(),
                     [&](const auto* a, const auto* b) { return distance(*a) < distance(*b); });
    near.resize(std::min(near.size(), near_count));
  }
  const PeerRecord& self() const override { return all[own]; }
  std::vector<const PeerRecord*> neighbours() const override { return near; }
  std::vector<const PeerRecord*> view() const override { return seen; }
  base::Duration distance(const PeerRecord& peer) const override { return distance(self(), peer); }
  base::Duration distance(const PeerRecord& a, const PeerRecord& b) const override {
    return base::Duration(
        std::llabs(std::llround((a.coordinate.position[0] - b.coordinate.position[0]) * 1e6f)) * 1000);
  }
  std::uint32_t own;
  std::vector<PeerRecord> all;
  std::vector<const PeerRecord*> seen, near;
};

struct FloodTest : testing::Test {
  Request request(const Line& line, std::uint32_t seeker) {
    Request r;
    r.seeker = line.all[seeker];
    r.search = {r.seeker.id, 1};
    r.metric = metric;
    r.radius_us = radius_us;
    r.hops_left = hops;
    return r;
  }
  std::set<std::uint32_t> sent(const Line& line, const Flood::Onward& onward) {
    std::set<std::uint32_t> numbers;
    for (const auto* peer : onward.to) {
      for (std::uint32_t i = 0; i < line.all.size(); ++i) {
        if (line.all[i].id != peer->id) continue;
        EXPECT_TRUE(numbers.insert(i).second) << "sent twice";
      }
    }
    return numbers;
  }
  Config config;
  base::Random random{1};
  Metric metric = Metric::latency;
  std::uint64_t radius_us = 5000;
  std::uint32_t hops = 8;
};

TEST_F(FloodTest, theSeekerTellsAllWithinTheRadius) {
  const Line line(30, 10);
  const auto onward = Flood(config).pass_on(id_of(10), request(line, 10), line, random);
  EXPECT_EQ(sent(line, onward), (std::set<std::uint32_t>{5, 6, 7, 8, 9, 11, 12, 13, 14, 15}));
  EXPECT_EQ(onward.request.hops_left, 7u);
}

TEST_F(FloodTest, theRadiusIsCountedFromTheSeeker) {
  const Line line(30, 13);
  config.fan_out = 100;
  config.copies = 1000;
  const auto onward = Flood(config).pass_on(id_of(12), request(line, 10), line, random);
  EXPECT_EQ(sent(line, onward), (std::set<std::uint32_t>{5, 6, 7, 8, 9, 11, 14, 15}))
      << "not back, not to the seeker";
}

TEST_F(FloodTest, whoWasToldIsLeftOut) {
  const Line seeker(30, 10);
  const Line next(30, 13);
  const auto first = Flood(config).pass_on(id_of(10), request(seeker, 10), seeker, random);
  const auto onward = Flood(config).pass_on(id_of(10), first.request, next, random);
  EXPECT_TRUE(onward.to.empty());
}

TEST_F(FloodTest, atMostSoManyAreTold) {
  const Line line(200, 13);
  radius_us = 1'000'000;
  for (int i = 0; i < 50; ++i) {
    EXPECT_LE(Flood(config).pass_on(id_of(12), request(line, 10), line, random).to.size(), config.fan_out);
  }
  config.first_fan_out = 20;
  EXPECT_EQ(Flood(config).pass_on(id_of(13), request(line, 13), line, random).to.size(), 20u);
}

TEST_F(FloodTest, hopsEnd) {
  const Line line(30, 10);
  for (const auto each : {Metric::latency, Metric::hops, Metric::neighbours}) {
    metric = each;
    hops = 0;
    EXPECT_TRUE(Flood(config).pass_on(id_of(10), request(line, 10), line, random).to.empty());
    hops = 1;
    EXPECT_EQ(Flood(config).pass_on(id_of(10), request(line, 10), line, random).request.hops_left, 0u);
  }
}

TEST_F(FloodTest, neighboursAreTheSeekersOwn) {
  const Line line(30, 10);
  metric = Metric::neighbours;
  EXPECT_EQ(sent(line, Flood(config).pass_on(id_of(10), request(line, 10), line, random)),
            (std::set<std::uint32_t>{8, 9, 11, 12}));
}

TEST_F(FloodTest, aRoundIsHandledOnceHoweverOftenItComes) {
  const Line line(30, 13);
  Flood flood(config);
  auto r = request(line, 10);
  EXPECT_EQ(flood.admit(id_of(12), line.self().id, r, start), Flood::Verdict::handle);
  EXPECT_EQ(flood.admit(id_of(12), line.self().id, r, start), Flood::Verdict::repeated);
  EXPECT_EQ(flood.admit(id_of(14), line.self().id, r, start + 1s), Flood::Verdict::repeated);
  r.round = 1;
  EXPECT_EQ(flood.admit(id_of(14), line.self().id, r, start + 1s), Flood::Verdict::handle);
}

TEST_F(FloodTest, aNodeIsNotSentItsOwnSearch) {
  const Line line(30, 10);
  Flood flood(config);
  EXPECT_EQ(flood.admit(id_of(12), line.self().id, request(line, 10), start), Flood::Verdict::repeated);
  EXPECT_EQ(flood.remembered(), 0u);
}

TEST_F(FloodTest, aPeerThatMakesUpSearchesIsHeldBackAndOthersAreNot) {
  const Line line(30, 13);
  Flood flood(config);
  auto r = request(line, 10);
  int handled = 0;
  for (int i = 0; i < 10'000; ++i) {
    r.search.number = static_cast<std::uint64_t>(i);
    if (flood.admit(id_of(12), line.self().id, r, start + i * 100us) == Flood::Verdict::handle) ++handled;
  }
  EXPECT_LE(handled, 400 + 200 + 1) << "a burst and a second's worth";
  EXPECT_GE(handled, 590);
  r.search.number = 10'000;
  EXPECT_EQ(flood.admit(id_of(14), line.self().id, r, start + 1s), Flood::Verdict::handle);
}

TEST(RequestRate, remembersABoundedNumberOfPeers) {
  RequestRate rate(200, 400);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    EXPECT_TRUE(rate.take(id_of(i), start));
    EXPECT_LE(rate.size(), RequestRate::max_buckets);
  }
  rate.take(id_of(5000), start + 1h);
  EXPECT_EQ(rate.size(), 1u) << "full buckets need not be remembered";
}

TEST(Told, holdsWhatWasAddedAndHardlyAnythingElse) {
  Told told({}, 3);
  for (std::uint32_t i = 0; i < 120; ++i) told.add(id_of(i));
  const Told read(told.bytes(), 3);
  int false_hits = 0;
  for (std::uint32_t i = 0; i < 120; ++i) EXPECT_TRUE(read.contains(id_of(i)));
  for (std::uint32_t i = 1000; i < 11'000; ++i) false_hits += read.contains(id_of(i)) ? 1 : 0;
  EXPECT_LE(false_hits, 30);
}

TEST(Told, aFilterCannotBeFilledUp) {
  Told told({}, 0);
  for (std::uint32_t i = 0; i < 5000; ++i) told.add(id_of(i));
  int hits = 0;
  for (std::uint32_t i = 10'000; i < 20'000; ++i) hits += told.contains(id_of(i)) ? 1 : 0;
  EXPECT_LE(hits, 400);
}

}  // namespace
}  // namespace zel::schedule
