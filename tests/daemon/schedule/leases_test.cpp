#include "daemon/schedule/leases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using testing::HasSubstr;
using wire::schedule::SearchId;
constexpr base::Time start{1h};

struct LeasesTest : testing::Test {
  Config config;
  Leases leases{8, config, 100};
  SearchId a{id_of(1), 1};
  SearchId b{id_of(2), 1};
  void TearDown() override { EXPECT_TRUE(leases.consistent()); }
};

TEST_F(LeasesTest, aCoreGoesFromFreeToUsedAndBack) {
  const auto offered = leases.offer(a, 5, 1, start);
  ASSERT_TRUE(offered);
  EXPECT_EQ(offered->cores, 5u);
  EXPECT_EQ(leases.free(), 3u);
  EXPECT_TRUE(leases.claim(a, offered->lease, 2, start));
  EXPECT_EQ(leases.free(), 6u) << "what is not claimed is free at once";
  EXPECT_EQ(leases.commit(offered->lease, a.seeker, start).value(), 2u);
  EXPECT_EQ(leases.next_deadline(), base::never);
  EXPECT_EQ(leases.expire(start + 1h), 0u);
  leases.release(offered->lease);
  EXPECT_EQ(leases.free(), 8u);
  leases.release(offered->lease);
  EXPECT_EQ(leases.free(), 8u);
}

TEST_F(LeasesTest, offersAreMultiplesOfWhatARankNeeds) {
  EXPECT_EQ(leases.offer(a, 30, 3, start)->cores, 6u);
  EXPECT_FALSE(leases.offer(b, 30, 3, start));
  EXPECT_EQ(leases.why_not(b, 3), "3 cores per rank asked, 2 of 8 free");
  EXPECT_EQ(leases.offer(b, 30, 1, start)->cores, 2u);
  EXPECT_EQ(leases.why_not({id_of(3), 1}, 1), "no free core: 0 of 8 in use, 8 offered to other searches");
}

TEST_F(LeasesTest, theSameSearchGetsItsLeaseAgainForLonger) {
  const auto first = leases.offer(a, 4, 1, start);
  const auto again = leases.offer(a, 6, 1, start + 2s);
  EXPECT_EQ(again->lease, first->lease);
  EXPECT_EQ(again->cores, 6u);
  EXPECT_EQ(leases.free(), 2u) << "its own lease does not stand in its way";
  EXPECT_EQ(leases.expire(start + 3s), 0u);
  EXPECT_EQ(leases.expire(start + 5s), 1u);
  EXPECT_EQ(leases.free(), 8u);
  EXPECT_NE(leases.offer(a, 4, 1, start + 5s)->lease, first->lease);
}

TEST_F(LeasesTest, eachStateEndsByItself) {
  const auto one = leases.offer(a, 2, 1, start);
  const auto two = leases.offer(b, 2, 1, start);
  EXPECT_TRUE(leases.claim(a, one->lease, 2, start + 1s));
  EXPECT_EQ(leases.next_deadline(), start + config.offer_lease);
  EXPECT_FALSE(leases.claim(b, two->lease, 2, start + config.offer_lease)) << "over at its deadline";
  EXPECT_EQ(leases.free(), 6u);
  EXPECT_FALSE(leases.commit(one->lease, a.seeker, start + 1s + config.claim_lease));
  EXPECT_EQ(leases.free(), 8u);
}

TEST_F(LeasesTest, nobodyElseMovesALease) {
  const auto lease = leases.offer(a, 4, 1, start)->lease;
  const SearchId other_search{a.seeker, 2};
  EXPECT_FALSE(leases.claim(b, lease, 1, start));
  EXPECT_FALSE(leases.claim(other_search, lease, 1, start));
  EXPECT_FALSE(leases.give_back(b, lease));
  EXPECT_TRUE(leases.claim(a, lease, 4, start));
  EXPECT_FALSE(leases.commit(lease, b.seeker, start));
  EXPECT_FALSE(leases.give_back(b, lease));
  EXPECT_EQ(leases.free(), 4u);
}

TEST_F(LeasesTest, whatMakesNoSenseIsRefused) {
  const auto lease = leases.offer(a, 4, 1, start)->lease;
  EXPECT_FALSE(leases.claim(a, lease, 5, start)) << "more than offered";
  EXPECT_FALSE(leases.claim(a, lease + 1, 1, start));
  EXPECT_FALSE(leases.commit(lease, a.seeker, start)) << "not claimed";
  EXPECT_TRUE(leases.claim(a, lease, 3, start));
  EXPECT_TRUE(leases.claim(a, lease, 3, start + 1s)) << "the same claim again is granted again";
  EXPECT_FALSE(leases.claim(a, lease, 2, start + 1s));
  EXPECT_FALSE(leases.offer(a, 4, 1, start)) << "a late request does not undo a claim";
  EXPECT_TRUE(leases.commit(lease, a.seeker, start + 1s));
  EXPECT_FALSE(leases.commit(lease, a.seeker, start + 1s));
  EXPECT_FALSE(leases.claim(a, lease, 3, start + 1s));
  EXPECT_FALSE(leases.give_back(a, lease)) << "what is used ends with its job only";
}

TEST_F(LeasesTest, aLostSeekerHoldsNothingButItsJobs) {
  const auto used = leases.offer(a, 2, 1, start)->lease;
  leases.claim(a, used, 2, start);
  ASSERT_TRUE(leases.commit(used, a.seeker, start));
  const auto claimed = leases.offer({a.seeker, 2}, 2, 1, start)->lease;
  leases.claim({a.seeker, 2}, claimed, 2, start);
  leases.offer({a.seeker, 3}, 2, 1, start);
  leases.offer(b, 1, 1, start);
  leases.lose(a.seeker);
  EXPECT_EQ(leases.free(), 5u);
}

TEST_F(LeasesTest, leasesAreBounded) {
  config.max_leases = 3;
  for (std::uint64_t number = 0; number < 3; ++number)
    EXPECT_TRUE(leases.offer({id_of(1), number}, 1, 1, start));
  EXPECT_FALSE(leases.offer(b, 1, 1, start));
  EXPECT_THAT(leases.why_not(b, 1), HasSubstr("as many leases as it can"));
}

TEST_F(LeasesTest, askingAgainDoesNotKeepCoresForEver) {
  base::Time now = start;
  const auto first = leases.offer(a, 8, 1, now)->lease;
  for (; now < start + 1min && leases.expire(now) == 0; now += 1s) leases.offer(a, 8, 1, now);
  EXPECT_LE(now, start + config.longest_offer + config.offer_lease);
  EXPECT_GE(now, start + config.longest_offer) << "a search of many rounds keeps what it was offered first";
  EXPECT_GE(leases.withheld(), 1u);
  EXPECT_TRUE(leases.offer(b, 8, 1, now)) << "others have their turn";
  EXPECT_FALSE(leases.claim(a, first, 1, now));
}

TEST_F(LeasesTest, aClaimIsNotCutShortByAnOldOffer) {
  const auto lease = leases.offer(a, 8, 1, start)->lease;
  base::Time now = start;
  for (; now < start + config.longest_offer; now += 1s) leases.offer(a, 8, 1, now);
  EXPECT_TRUE(leases.claim(a, lease, 8, now));
  EXPECT_TRUE(leases.commit(lease, a.seeker, now + config.claim_lease - 1ms));
}

TEST_F(LeasesTest, oneSeekerHasNoMoreThanItsShareOfLeases) {
  config.max_leases_of_seeker = 3;
  std::uint64_t lease = 0;
  for (std::uint64_t number = 0; number < 3; ++number) {
    const SearchId search{id_of(1), number};
    lease = leases.offer(search, 1, 1, start)->lease;
    EXPECT_TRUE(leases.claim(search, lease, 1, start));
  }
  EXPECT_FALSE(leases.offer({id_of(1), 3}, 1, 1, start));
  EXPECT_EQ(leases.why_not({id_of(1), 3}, 1), "keeps 3 leases for this seeker already");
  EXPECT_EQ(leases.withheld(), 1u);
  EXPECT_TRUE(leases.offer(b, 1, 1, start));
  EXPECT_TRUE(leases.commit(lease, id_of(1), start));
  EXPECT_TRUE(leases.offer({id_of(1), 3}, 1, 1, start)) << "a job that runs is no lease any more";
}

TEST(Leases, anyOrderOfAnythingKeepsTheCount) {
  Config config;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::Random random(seed);
    Leases leases(static_cast<std::uint32_t>(1 + random.below(16)), config, random());
    base::Time now = start;
    std::vector<std::uint64_t> numbers{0};
    for (int step = 0; step < 300; ++step) {
      now += base::Duration(random.below(1'000'000'000));
      const SearchId search{id_of(static_cast<std::uint32_t>(random.below(3))), random.below(3)};
      const auto lease = numbers[random.below(numbers.size())];
      const auto cores = static_cast<std::uint32_t>(1 + random.below(8));
      switch (random.below(7)) {
        case 0:
        case 1:
          if (const auto made =
                  leases.offer(search, cores, 1 + static_cast<std::uint32_t>(random.below(2)), now)) {
            numbers.push_back(made->lease);
          }
          break;
        case 2: leases.claim(search, lease, cores, now); break;
        case 3: leases.give_back(search, lease); break;
        case 4: (void)leases.commit(lease, search.seeker, now); break;
        case 5: leases.release(lease); break;
        case 6:
          random.chance(0.2) ? leases.lose(search.seeker) : static_cast<void>(leases.expire(now));
          break;
      }
      ASSERT_TRUE(leases.consistent()) << "seed " << seed << ", step " << step;
    }
    for (const auto lease : numbers) leases.release(lease);
    leases.expire(now + 1h);
    EXPECT_EQ(leases.free(), leases.total()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace zel::schedule
