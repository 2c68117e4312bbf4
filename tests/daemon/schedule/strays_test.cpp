// Why: messages that nobody asked for, of searches that are over, or with ids that lie change nothing and are
// counted; every table has its limit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using testing::HasSubstr;
using wire::schedule::Claim;
using wire::schedule::Claimed;
using wire::schedule::Offer;
using wire::schedule::Refusal;
using wire::schedule::Release;
using wire::schedule::Request;

Request request(Network& net, std::size_t seeker, std::uint64_t number) {
  Request r;
  r.seeker = net.record(seeker);
  r.search = {r.seeker.id, number};
  r.cores = 2;
  return r;
}

/// Sends the request to node 1 and returns the lease it offers.
Offer offer_of(Network& net, const Request& r, std::size_t from) {
  Offer offer;
  net.on_send = [&](std::size_t, const wire::schedule::Message& message) {
    if (const auto* o = std::get_if<Offer>(&message)) offer = *o;
  };
  net.inject(from, 1, r);
  net.on_send = nullptr;
  return offer;
}

TEST(Strays, aForgedOriginBringsItsOwnerNothing) {
  Network net({.nodes = 3});
  net.inject(2, 1, request(net, 0, 5));  // node 2 says that node 0 seeks
  EXPECT_EQ(net.at(1).free_cores(), 0u);
  net.run_for(1s);
  EXPECT_EQ(net.at(0).counters().strays, 1u);
  EXPECT_EQ(net.at(1).free_cores(), 2u) << "node 0 gives back what it did not ask for";
}

TEST(Strays, onlyTheSeekerClaimsGivesBackAndStarts) {
  Network net({.nodes = 3});
  const auto r = request(net, 0, 5);
  const auto offer = offer_of(net, r, 0);
  ASSERT_NE(offer.lease, 0u);
  net.inject(2, 1, Release{r.search, offer.lease});
  net.inject(2, 1, Claim{r.search, offer.lease, 2});
  net.inject(2, 1, Claim{{net.record(2).id, 5}, offer.lease, 2});
  EXPECT_EQ(net.at(1).counters().claims_granted, 0u);
  EXPECT_EQ(net.at(1).counters().claims_refused, 2u);
  EXPECT_EQ(net.at(1).counters().strays, 1u);
  EXPECT_EQ(net.at(1).free_cores(), 0u);
  net.inject(0, 1, Claim{r.search, offer.lease, 2});
  EXPECT_EQ(net.at(1).counters().claims_granted, 1u);
  EXPECT_FALSE(net.at(1).commit(offer.lease, net.record(2).id, net.now()));
  EXPECT_TRUE(net.at(1).commit(offer.lease, net.record(0).id, net.now()));
  net.inject(0, 1, Release{r.search, offer.lease});
  EXPECT_EQ(net.at(1).free_cores(), 0u) << "a job is not ended by a release";
}

TEST(Strays, answersOfOthersAreNotHeard) {
  Network net({.nodes = 3});
  net.seek(0, 1, wanted(6));
  Offer stolen;
  stolen.search = {net.record(0).id, 77};
  stolen.lease = 9;
  stolen.cores = 6;
  stolen.host = net.record(1);
  net.inject(2, 0, stolen);  // node 2 speaks for node 1
  net.inject(2, 0, Refusal{stolen.search, 0, net.record(1), "no"});
  net.inject(2, 0, Claimed{stolen.search, 9, true, 1000});
  stolen.search.seeker = net.record(1).id;
  stolen.host = net.record(2);
  net.inject(2, 0, stolen);
  EXPECT_EQ(net.at(0).counters().strays, 4u);
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  EXPECT_EQ(ended->grants.size(), 3u);
}

TEST(Strays, aFloodingPeerIsRefusedAndOthersAreServed) {
  Network net({.nodes = 3});
  for (std::uint64_t number = 0; number < 1000; ++number) {
    auto r = request(net, 2, number);
    r.requirements.labels = {"nowhere=true"};
    net.inject(2, 1, r);
  }
  EXPECT_EQ(net.at(1).counters().requests_handled, 400u);
  EXPECT_EQ(net.at(1).counters().requests_refused, 600u);
  net.seek(0, 1, wanted(6));
  const auto* ended = net.run_until_over(0, 1);
  EXPECT_TRUE(ended && ended->found);
}

TEST(Strays, searchesAreBounded) {
  Network net({.nodes = 1});
  for (SearchNumber search = 0; search < 256; ++search) net.seek(0, search, wanted(100));
  net.seek(0, 256, wanted(1));
  ASSERT_TRUE(net.ended.contains({0, 256}));
  EXPECT_THAT(net.ended.at({0, 256}).text, HasSubstr("256 searches of this node are under way"));
  net.run_for(30s);
  EXPECT_EQ(net.ended.size(), 257u);
}

TEST(Strays, nonsenseIsNotSought) {
  Network net({.nodes = 1});
  net.seek(0, 1, wanted(0));
  net.seek(0, 2, wanted(1u << 21));
  auto many = wanted(1);
  many.requirements.labels.assign(100, "a=b");
  net.seek(0, 3, many);
  EXPECT_EQ(net.ended.size(), 3u);
  for (const auto& [key, ended] : net.ended) EXPECT_FALSE(ended.found);
}

}  // namespace
}  // namespace zel::schedule
