// Why: of what was offered the nearest is taken, what is over is not, and all or nothing means that.
#include "daemon/schedule/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using testing::ElementsAre;
constexpr base::Time start{1h};

struct AnswersTest : testing::Test {
  Answer& offered(std::uint32_t number, base::Duration distance, std::uint32_t cores,
                  base::Time until = start + 3s) {
    PeerRecord host;
    host.id = id_of(number);
    auto* answer = answers.of(host, distance);
    answers.hold(*answer, 100 + number, cores, until);
    return *answer;
  }
  Answers answers{2, 4};  // two cores a rank, four nodes
};

TEST_F(AnswersTest, theNearestAreTakenAndNoMoreThanNeeded) {
  auto& far = offered(1, 9ms, 4);
  auto& near = offered(2, 1ms, 5);
  auto& middle = offered(3, 5ms, 4);
  EXPECT_EQ(answers.ranks_held(), 6u) << "the fifth core holds no rank";
  EXPECT_THAT(answers.choose(3, false, start), ElementsAre(&near, &middle));
  EXPECT_EQ(near.claimed, 4u);
  EXPECT_EQ(middle.claimed, 2u);
  EXPECT_EQ(far.claimed, 0u);
}

TEST_F(AnswersTest, whatIsOverOrTooSmallIsNotTaken) {
  offered(1, 1ms, 4, start);
  offered(2, 2ms, 1);
  auto& last = offered(3, 3ms, 4);
  EXPECT_EQ(answers.live_ranks(start), 2u);
  EXPECT_THAT(answers.choose(2, false, start), ElementsAre(&last));
}

TEST_F(AnswersTest, allOrNothingLeavesNoClaims) {
  auto& only = offered(1, 1ms, 4);
  EXPECT_TRUE(answers.choose(3, false, start).empty());
  EXPECT_EQ(only.claimed, 0u);
  EXPECT_EQ(only.ranks, 0u);
}

TEST_F(AnswersTest, sharedRanksAreDealtOverTheCores) {
  auto& near = offered(1, 1ms, 4);
  auto& far = offered(2, 2ms, 2);
  answers.choose(7, true, start);  // three places: 3 + 2, 2
  EXPECT_EQ(near.ranks, 5u);
  EXPECT_EQ(far.ranks, 2u);
  EXPECT_EQ(near.claimed + far.claimed, 6u);
}

TEST_F(AnswersTest, whatIsReplacedOrDroppedCountsOnce) {
  auto& answer = offered(1, 1ms, 4);
  offered(1, 1ms, 6);
  EXPECT_EQ(answers.ranks_held(), 3u);
  answers.drop(answer);
  answers.drop(answer);
  EXPECT_EQ(answers.ranks_held(), 0u);
  EXPECT_TRUE(answers.held().empty());
}

TEST_F(AnswersTest, onlySoManyAreRemembered) {
  for (std::uint32_t i = 0; i < 4; ++i) offered(i, 1ms, 2);
  PeerRecord fifth;
  fifth.id = id_of(4);
  EXPECT_EQ(answers.of(fifth, 0ms), nullptr);
  EXPECT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers.verdicts(3).size(), 3u);
}

TEST_F(AnswersTest, theCommonestReasonIsTold) {
  EXPECT_EQ(answers.commonest_reason(), "");
  offered(1, 1ms, 2).reason = "busy";
  offered(2, 1ms, 2).reason = "excluded";
  offered(3, 1ms, 2).reason = "busy";
  EXPECT_EQ(answers.commonest_reason(), "2 of 3: busy");
}

}  // namespace
}  // namespace zel::schedule
