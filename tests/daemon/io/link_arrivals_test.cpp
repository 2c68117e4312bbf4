#include "daemon/io/link_arrivals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zel::io {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono::seconds;

struct LinkArrivalsTest : ::testing::Test {
  LinkArrivals arrivals{3, seconds(5)};
  base::Time now{};
};

TEST_F(LinkArrivalsTest, BeyondTheirNumberTheOldestIsCut) {
  for (int descriptor : {10, 11, 12}) arrivals.on_accepted(descriptor, now);
  EXPECT_THAT(arrivals.take_unwanted(now), IsEmpty());
  arrivals.on_accepted(13, now);
  arrivals.on_accepted(14, now);
  EXPECT_THAT(arrivals.take_unwanted(now), ElementsAre(10, 11));
  EXPECT_THAT(arrivals.take_unwanted(now), IsEmpty());
}

TEST_F(LinkArrivalsTest, WhoGreetedIsNotCut) {
  arrivals.on_accepted(10, now);
  arrivals.on_accepted(11, now);
  arrivals.on_spoke(10);
  arrivals.on_greeted(10);
  arrivals.on_spoke(11);  // but did not greet
  EXPECT_THAT(arrivals.take_unwanted(now + seconds(5)), ElementsAre(11));
}

TEST_F(LinkArrivalsTest, AGreetingMayComeBeforeTheNewsOfItsConnection) {
  arrivals.on_spoke(10);
  arrivals.on_greeted(10);
  arrivals.on_accepted(10, now);
  EXPECT_EQ(arrivals.waiting(), 0u);
  EXPECT_TRUE(arrivals.on_gone(10));
}

TEST_F(LinkArrivalsTest, ADescriptorThatIsUsedAgainStartsAnew) {
  arrivals.on_accepted(10, now);
  arrivals.on_spoke(10);
  arrivals.on_greeted(10);
  EXPECT_TRUE(arrivals.on_gone(10));
  arrivals.on_accepted(10, now);
  EXPECT_THAT(arrivals.take_unwanted(now + seconds(5)), ElementsAre(10));
  EXPECT_FALSE(arrivals.on_gone(10)) << "nobody of the realm spoke on it this time";
}

TEST_F(LinkArrivalsTest, WhoIsDismissedHasTheTimeOfANewcomerToGo) {
  arrivals.on_accepted(10, now);
  arrivals.on_spoke(10);
  arrivals.on_greeted(10);
  arrivals.on_dismissed(10, now + seconds(60));
  EXPECT_THAT(arrivals.take_unwanted(now + seconds(64)), IsEmpty());
  EXPECT_THAT(arrivals.take_unwanted(now + seconds(65)), ElementsAre(10));
}

}  // namespace
}  // namespace zel::io
