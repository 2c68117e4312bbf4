#include <gtest/gtest.h>

#include "libzel/net/gauge.hpp"

namespace zel::net {
namespace {

using namespace std::chrono_literals;

struct Arrivals : ::testing::Test {
  Gauge gauge;
  base::Time now{100s};
  void come(int count, std::size_t bytes, base::Duration apart) {
    for (int i = 0; i < count; ++i) gauge.add(bytes, now += apart);
  }
};

TEST_F(Arrivals, OfNothingIsNoRate) { EXPECT_EQ(gauge.best(), 0u); }

TEST_F(Arrivals, ASteadyStream) {
  come(101, 1000, 10ms);
  EXPECT_EQ(gauge.best(), 100'000u);
}

TEST_F(Arrivals, PausesDoNotSlowIt) {
  come(51, 1000, 10ms);
  now += 60s;
  come(51, 1000, 10ms);
  EXPECT_EQ(gauge.best(), 100'000u);
}

TEST_F(Arrivals, AShortBurstCountsWhenItIsLarge) {
  come(11, 100'000, 1ms);
  EXPECT_EQ(gauge.best(), 100'000'000u);
  Gauge few;
  few.add(8, now);
  few.add(8, now + 5ms);
  EXPECT_EQ(few.best(), 0u) << "too little to tell";
}

TEST_F(Arrivals, AllAtOneMomentIsNoRate) {
  come(100, 100'000, 0ms);
  EXPECT_EQ(gauge.best(), 0u);
}

}  // namespace
}  // namespace zel::net
