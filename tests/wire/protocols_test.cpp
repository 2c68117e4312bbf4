// Every message of every protocol goes out and comes back; a message with wrong content does not come in.
#include <gtest/gtest.h>

#include "wire/keeper.hpp"
#include "wire/member.hpp"
#include "wire/overlay.hpp"
#include "wire/run.hpp"
#include "wire/schedule.hpp"

namespace zel::wire {
namespace {

TEST(RunProtocol, ASignalThatDoesNotExistIsRefused) {
  for (const std::int32_t number : {-1, 0, 65, 1 << 30}) {
    EXPECT_FALSE(run::decode_to_node(run::encode(run::ToNode(run::Signal{number})))) << number;
  }
  EXPECT_TRUE(run::decode_to_node(run::encode(run::ToNode(run::Signal{2}))));
}

TEST(RunProtocol, ASubmitComesBackWhole) {
  run::Submit sent;
  sent.ranks = 200;
  sent.program = "/bin/true";
  sent.arguments = {"true", "", "\xff\x00 not text"};
  sent.environment = {"A=b"};
  sent.directory = "/";
  sent.placement = {run::Binding::numa, run::Mapping::package, 4, true};
  sent.stdin_to = run::StdinTo::all_ranks;
  sent.on_failure = run::OnFailure::ignore;
  sent.timeout_ms = std::uint64_t{1} << 40;
  sent.dry_run = true;
  const auto got = run::decode_to_node(run::encode(run::ToNode(sent)));
  ASSERT_TRUE(got);
  const auto& back = std::get<run::Submit>(*got);
  EXPECT_EQ(back.ranks, 200u);
  EXPECT_EQ(back.arguments, sent.arguments);
  EXPECT_EQ(back.placement.bind_to, run::Binding::numa);
  EXPECT_EQ(back.placement.map_by, run::Mapping::package);
  EXPECT_EQ(back.timeout_ms, sent.timeout_ms);
  EXPECT_TRUE(back.dry_run);
}

TEST(RunProtocol, OutputIsCarriedByteForByte) {
  base::Bytes all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::byte>(i);
  const auto got = run::decode_to_launcher(run::encode(run::ToLauncher(run::Output{3, run::Stream::err, all})));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<run::Output>(*got).bytes, all);
  EXPECT_EQ(std::get<run::Output>(*got).stream, run::Stream::err);
}

TEST(RunProtocol, TheWindowIsBoundedForAnyNumberOfRanks) {
  EXPECT_EQ(run::output_window_bytes(0), 256u << 10);
  EXPECT_EQ(run::output_window_bytes(1), 256u << 10);
  EXPECT_EQ(run::output_window_bytes(256), 128u << 10);
  EXPECT_EQ(run::output_window_bytes(run::max_ranks), 64u << 10);
}

TEST(KeeperProtocol, ASpawnAndItsEndComeBack) {
  const auto spawn = keeper::decode_to_keeper(keeper::encode(keeper::ToKeeper(keeper::Spawn{7, {"ZEL_RANK=7"}, {1, 3}})));
  ASSERT_TRUE(spawn);
  EXPECT_EQ(std::get<keeper::Spawn>(*spawn).cpus, (std::vector<std::uint32_t>{1, 3}));
  const auto exited = keeper::decode_to_node(keeper::encode(keeper::ToNode(keeper::Exited{7, 0, 9, 1, 2, 3, 4, true})));
  ASSERT_TRUE(exited);
  EXPECT_EQ(std::get<keeper::Exited>(*exited).signal, 9);
}

TEST(MemberProtocol, EventsComeBackInOrder) {
  const member::Events sent{{{1, member::EventKind::joined, 0, "", {}},
                             {2, member::EventKind::elected, 0, "master", {}},
                             {3, member::EventKind::signalled, 0, "text", {1, 2}}}};
  const auto got = member::decode_to_member(member::encode(member::ToMember(sent)));
  ASSERT_TRUE(got);
  const auto& back = std::get<member::Events>(*got).events;
  ASSERT_EQ(back.size(), 3u);
  EXPECT_EQ(back[1].text, "master");
  EXPECT_EQ(back[2].to, (std::vector<std::uint32_t>{1, 2}));
}

TEST(MemberProtocol, AMessageOfAnotherProtocolIsRefused) {
  const auto submit = run::encode(run::ToNode(run::Submit{}));
  EXPECT_FALSE(member::decode_to_node(submit));
  EXPECT_FALSE(keeper::decode_to_keeper(submit));
}

// msgpack sends whole numbers as integers, floating-point fields among them.
TEST(OverlayProtocol, ACoordinateOfWholeNumbersComesBack) {
  overlay::PeerRecord record;
  record.id.bytes.fill(1);
  record.coordinate.position = {0, 1, -1, 0.5F};
  record.coordinate.error = 2;
  const auto got = overlay::decode(overlay::encode(overlay::Ping{1, record, {}}));
  ASSERT_TRUE(got);
  EXPECT_EQ(std::get<overlay::Ping>(*got).self, record);
}

TEST(ScheduleProtocol, AFilterHasItsSizeOrIsNotThere) {
  schedule::Request request;
  request.seeker.id.bytes.fill(1);
  request.search.seeker = request.seeker.id;
  for (const std::size_t size : {std::size_t{0}, schedule::told_bytes}) {
    request.told.assign(size, std::byte{1});
    const auto got = schedule::decode(schedule::encode(request));
    ASSERT_TRUE(got) << size;
    EXPECT_EQ(std::get<schedule::Request>(*got).told, request.told);
  }
  for (const std::size_t size : {std::size_t{1}, schedule::told_bytes - 1, schedule::told_bytes + 1}) {
    request.told.assign(size, std::byte{1});
    EXPECT_FALSE(schedule::decode(schedule::encode(request))) << size;
  }
}

TEST(ScheduleProtocol, AnOfferHasALease) {
  schedule::Offer offer;
  offer.host.id.bytes.fill(1);
  offer.cores = 2;
  EXPECT_FALSE(schedule::decode(schedule::encode(offer))) << "0 means that nothing is held";
  offer.lease = 1;
  EXPECT_TRUE(schedule::decode(schedule::encode(offer)));
}

}  // namespace
}  // namespace zel::wire
