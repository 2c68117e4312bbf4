// stdin goes at the pace of the slowest host that reads it.
#include "daemon/job/stdin_fan.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace zel::job {
namespace {

StdinFan three_readers(std::size_t sent) {
  StdinFan fan;
  for (const std::uint32_t host : {1u, 4u, 5u}) fan.add_reader(host);
  fan.on_sent(sent);
  return fan;
}

TEST(StdinFan, TheSlowestSetsThePace) {
  StdinFan fan = three_readers(100);
  EXPECT_EQ(fan.on_taken(1, 100), 0u);
  EXPECT_EQ(fan.on_taken(4, 30), 0u);
  EXPECT_EQ(fan.on_taken(5, 20), 20u);
  EXPECT_EQ(fan.on_taken(5, 80), 10u);
  EXPECT_EQ(fan.on_taken(4, 70), 70u);
}

TEST(StdinFan, AReaderThatGoesIsNotWaitedFor) {
  StdinFan fan = three_readers(100);
  EXPECT_EQ(fan.on_taken(1, 100), 0u);
  EXPECT_EQ(fan.on_taken(4, 60), 0u);
  EXPECT_EQ(fan.on_closed(5), 60u);
  EXPECT_EQ(fan.on_closed(5), 0u) << "once";
  EXPECT_EQ(fan.on_closed(1), 0u);
  EXPECT_FALSE(fan.closed());
  EXPECT_EQ(fan.on_closed(4), 0u);
  EXPECT_TRUE(fan.closed());
}

TEST(StdinFan, NobodyTakesWhatWasNotSent) {
  StdinFan fan = three_readers(100);
  for (const std::uint32_t host : {1u, 4u}) EXPECT_EQ(fan.on_taken(host, 4'000'000'000), 0u);
  EXPECT_EQ(fan.on_taken(5, 4'000'000'000), 100u);
  EXPECT_EQ(fan.on_taken(7, 50), 0u) << "no reader";
  fan.on_sent(10);
  for (const std::uint32_t host : {1u, 4u}) EXPECT_EQ(fan.on_taken(host, 10), 0u);
  EXPECT_EQ(fan.on_taken(5, 10), 10u);
}

}  // namespace
}  // namespace zel::job
