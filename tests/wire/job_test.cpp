// What travels between the primary of a job and its hosts.
#include "wire/job.hpp"

#include <gtest/gtest.h>

#include "wire/node.hpp"

namespace zel::wire {
namespace {

job::Prepare prepare() {
  job::Prepare prepare;
  prepare.primary.id.bytes.fill(7);
  prepare.primary.name = "n1";
  prepare.size = 4;
  prepare.ranks = {1, 3};
  prepare.program = "/bin/app";
  prepare.arguments = {"app"};
  prepare.directory = "/";
  return prepare;
}

TEST(JobProtocol, APrepareComesBackWhole) {
  auto sent = prepare();
  sent.lease = std::uint64_t{1} << 50;
  const auto got = job::decode_to_host(job::encode(job::ToHost(sent)));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<job::Prepare>(*got).ranks, sent.ranks);
  EXPECT_EQ(std::get<job::Prepare>(*got).lease, sent.lease);
  EXPECT_EQ(std::get<job::Prepare>(*got).primary, sent.primary);
}

TEST(JobProtocol, APrepareBeyondItsLimitsIsNone) {
  for (auto* spoil :
       {+[](job::Prepare& p) { p.ranks = {3, 1}; }, +[](job::Prepare& p) { p.ranks = {1, 1}; },
        +[](job::Prepare& p) { p.ranks = {4}; }, +[](job::Prepare& p) { p.ranks.clear(); },
        +[](job::Prepare& p) { p.size = run::max_ranks + 1; }, +[](job::Prepare& p) { p.program = "app"; },
        +[](job::Prepare& p) { p.arguments.clear(); }, +[](job::Prepare& p) { p.stdin_rank = 4; },
        +[](job::Prepare& p) { p.job.assign(65, 'x'); }}) {
    auto wrong = prepare();
    spoil(wrong);
    EXPECT_FALSE(job::decode_to_host(job::encode(job::ToHost(wrong))));
  }
}

TEST(JobProtocol, AMembersRequestTravelsInsideAMessage) {
  const job::MemberSaid sent{3, member::SignalMembers{"text", {1, 2}}};
  const auto got = job::decode_to_primary(job::encode(job::ToPrimary(sent)));
  ASSERT_TRUE(got);
  const auto& back = std::get<job::MemberSaid>(*got);
  EXPECT_EQ(back.rank, 3u);
  EXPECT_EQ(std::get<member::SignalMembers>(back.request).to, (std::vector<std::uint32_t>{1, 2}));
}

TEST(NodeProtocol, TheFirstByteSaysWhichProtocol) {
  job::Segment segment;
  segment.job.primary.bytes.fill(1);
  segment.kind = job::SegmentKind::data;
  segment.number = 1;
  auto bytes = node::encode(node::Message(segment));
  EXPECT_EQ(bytes.front(), std::byte{3});
  EXPECT_TRUE(node::decode(bytes));
  bytes.front() = std::byte{1};
  EXPECT_FALSE(node::decode(bytes));
  bytes.front() = std::byte{9};
  EXPECT_FALSE(node::decode(bytes));
  EXPECT_FALSE(node::decode({}));
}

TEST(NodeProtocol, ASegmentThatMakesNoSenseIsNone) {
  job::Segment nobody;
  EXPECT_FALSE(job::decode_segment(job::encode(nobody)));
  job::Segment unnumbered;
  unnumbered.job.primary.bytes.fill(1);
  unnumbered.kind = job::SegmentKind::data;
  EXPECT_FALSE(job::decode_segment(job::encode(unnumbered)));
}

}  // namespace
}  // namespace zel::wire
