// Why: what becomes of records, without rings: half messages, wrong ones, and too many.
#include "libzel/message/intake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace zel::message {
namespace {

using Taken = Intake::Taken;
using net::RecordKind;

net::Record record(RecordKind kind, std::string_view payload, std::uint64_t total, int tag = 0) {
  return {kind, 0, static_cast<std::uint32_t>(tag), total, std::as_bytes(std::span(payload.data(), payload.size()))};
}
net::Record whole(std::string_view payload, int tag = 0) {
  return record(RecordKind::whole, payload, payload.size(), tag);
}
net::Record first(std::string_view payload, std::uint64_t total) { return record(RecordKind::first, payload, total); }
net::Record more(std::string_view payload) { return record(RecordKind::more, payload, 0); }

/// A receive into a string.
struct Caught {
  explicit Caught(Intake& intake, int from = -1, int tag = -1, std::size_t room = 100) : memory(room, '.') {
    receive.pattern = {Context::user, from, tag};
    receive.into = std::as_writable_bytes(std::span(memory.data(), memory.size()));
    intake.begin(receive);
  }
  std::string text() const { return memory.substr(0, receive.envelope.bytes); }
  std::string memory;
  Receive receive;
};

TEST(Intake, AWaitingReceiveIsFilledPieceByPiece) {
  Intake intake(3);
  Caught caught(intake);
  EXPECT_EQ(intake.take(1, first("ab", 5), false), Taken::yes);
  EXPECT_EQ(intake.take(2, whole("other"), false), Taken::yes);
  EXPECT_EQ(intake.take(1, more("cd"), false), Taken::yes);
  EXPECT_FALSE(intake.watched_over());
  EXPECT_EQ(intake.take(1, more("e"), false), Taken::yes);
  EXPECT_TRUE(intake.watched_over());
  EXPECT_EQ(caught.text(), "abcde");
  EXPECT_EQ(intake.unreceived_bytes(1), 0u);
  EXPECT_EQ(intake.find({Context::user, -1, -1})->from, 2);
}

TEST(Intake, AReceiveGoesOnWithAMessageThatIsHalfThere) {
  Intake intake(2);
  intake.take(1, first("ab", 4), false);
  EXPECT_EQ(intake.find({Context::user, 1, -1})->bytes, 4u);
  Caught caught(intake);
  EXPECT_EQ(caught.receive.state, Receive::State::filling);
  intake.take(1, more("cd"), false);
  EXPECT_EQ(caught.receive.state, Receive::State::done);
  EXPECT_EQ(caught.text(), "abcd");
}

TEST(Intake, TheIncompleteMessageOfOneWhoIsGoneNeverWas) {
  Intake intake(3);
  intake.take(1, whole("done"), false);
  intake.take(1, first("ha", 4), false);
  intake.take(2, whole("later"), false);
  intake.drop_incomplete(1);
  EXPECT_EQ(intake.find({Context::user, 1, -1})->bytes, 4u);
  for (const char* expected : {"done", "later"}) {
    Caught caught(intake);
    EXPECT_EQ(caught.text(), expected);
    intake.end(caught.receive);
  }
  Caught caught(intake);
  intake.take(1, first("ha", 4), false);
  EXPECT_EQ(caught.receive.state, Receive::State::filling);
  intake.take(2, whole("next"), false);
  intake.drop_incomplete(1);
  EXPECT_EQ(caught.text(), "next");
}

TEST(Intake, AnAbandonedMessageIsDropped) {
  Intake intake(2);
  intake.take(1, first("ha", 4), false);
  EXPECT_EQ(intake.take(1, record(RecordKind::abandon, "", 0), false), Taken::yes);
  EXPECT_EQ(intake.take(1, record(RecordKind::abandon, "", 0), false), Taken::damaged);
  EXPECT_FALSE(intake.find({Context::user, -1, -1}));
  EXPECT_EQ(intake.unreceived_bytes(1), 0u);
}

TEST(Intake, WhatComesAfterAReceiveEndedIsThrownAway) {
  Intake intake(2);
  {
    Caught caught(intake);
    intake.take(1, first("ab", 4), false);
    intake.end(caught.receive);
  }
  EXPECT_EQ(intake.take(1, more("cd"), false), Taken::yes);
  EXPECT_FALSE(intake.find({Context::user, -1, -1}));
  EXPECT_EQ(intake.take(1, whole("next"), false), Taken::yes);
}

TEST(Intake, TooLargeStays) {
  Intake intake(2);
  Caught waiting(intake, 1, -1, 2);
  intake.take(1, whole("abc"), false);
  EXPECT_EQ(waiting.receive.state, Receive::State::too_large);
  intake.end(waiting.receive);
  Caught again(intake, 1, -1, 2);
  EXPECT_EQ(again.receive.state, Receive::State::too_large);
  intake.end(again.receive);
  Caught large(intake);
  EXPECT_EQ(large.text(), "abc");
}

TEST(Intake, NonsenseIsRefused) {
  Intake intake(2);
  net::Record wrong = whole("a");
  wrong.context = detail::context_count;
  EXPECT_EQ(intake.take(1, wrong, false), Taken::damaged);
  EXPECT_EQ(intake.take(1, record(RecordKind::whole, "a", 1, max_tag + 1), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, first("abc", 2), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, first("abc", max_message_bytes + 1), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, more("abc"), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, first("abc", 5), false), Taken::yes);
  EXPECT_EQ(intake.take(1, whole("a"), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, more("abc"), false), Taken::damaged);
  EXPECT_EQ(intake.take(1, more(""), false), Taken::damaged);
}

TEST(Intake, AFloodIsHeldUntilItIsReceived) {
  Intake intake(2);
  const std::string large(64 << 20, 'x');
  for (int n = 0; n < 4; ++n) EXPECT_EQ(intake.take(1, whole(large), false), Taken::yes);
  EXPECT_EQ(intake.take(1, whole("a"), false), Taken::held);
  EXPECT_FALSE(intake.take_own({Context::user, 1, 0, 1}, {}));
  std::vector<std::byte> bytes;
  Receive receive{.pattern = {Context::user, 1, -1}, .vector = &bytes};
  intake.begin(receive);
  intake.end(receive);
  EXPECT_EQ(bytes.size(), large.size());
  EXPECT_EQ(intake.take(1, whole("a"), false), Taken::yes);
}

TEST(Intake, EmptyMessagesAreBoundedToo) {
  Intake intake(2);
  std::uint64_t taken = 0;
  while (intake.take(1, whole(""), false) == Taken::yes) ++taken;
  EXPECT_EQ(taken, max_unreceived_bytes / Intake::bookkeeping_bytes);
}

}  // namespace
}  // namespace zel::message
