// Why: keys keep strangers out; these are about a rank of the job that breaks the rules: it is refused, what it disturbs
// is no more than its own link, and the job goes on.
#include "tests/libzel/net/direct/rogue_rank.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace zel::test {
namespace {

using net::FrameHeader;
using net::FrameType;
using wire::paths::Contact;
using wire::paths::DialMe;
using wire::paths::Fallen;
using wire::paths::Resume;

Hosts::Options with_rogue(int size, int rogue, std::function<void(RogueRank&)> scene) {
  Hosts::Options options;
  options.host_of.clear();
  for (int rank = 0; rank < size; ++rank) options.host_of.push_back(rank);
  options.addresses = {"127.0.0.1"};
  options.strangers[rogue] = [scene = std::move(scene)](wire::Channel& channel) {
    RogueRank rank(channel);
    scene(rank);
  };
  return options;
}

/// A rank that gets 0, 1, 2, … from rank `from`, gives each back, and ends when it gets -1.
void echo(Job& job, int from) {
  for (int n = 0;; ++n) {
    const int got = job.messages().receive<int>(from);
    if (got == -1) return;
    check(got == n, "each once, in order");
    job.messages().send(from, got);
  }
}

void check_echo(const RogueRank::Heard& heard, std::uint64_t number, int value) {
  int got = -1;
  check(heard.payload.size() == sizeof got, "a message of one int");
  std::memcpy(&got, heard.payload.data(), sizeof got);
  check(heard.header.number == number && got == value, "its answer");
}

constexpr std::uint64_t first_link = 1001, second_link = 1002, third_link = 1003;

/// A link on which message 0 went to and fro. The rogue is rank 0, so the other, rank 1, does what it is told.
net::ConnectionId linked(RogueRank& rogue, const Contact& there, std::uint64_t link, std::uint64_t done) {
  const auto connection = rogue.dial(1, there);
  rogue.hello(connection, 1, link, done, done);
  const auto answer = rogue.await_frame(FrameType::answer);
  check(answer.header.number == link && answer.header.received == done && answer.header.tag == 0, "the answer to this hello");
  rogue.record(connection, done, static_cast<int>(done));
  check_echo(rogue.await_frame(FrameType::record), done, static_cast<int>(done));
  return connection;
}

/// All goes on in posts after `link` fell, from message `done` on.
void end_in_posts(RogueRank& rogue, std::uint64_t link, std::uint64_t done) {
  rogue.say(1, Fallen{link, done, done});
  check(rogue.await_word<Resume>(1).next == done, "it goes on where it was");
  rogue.say(1, Resume{done});
  rogue.post(1, static_cast<int>(done));
  check(rogue.await_post(1) == static_cast<int>(done), "in posts");
  rogue.post(1, -1);
}

TEST(RogueRank, AFrameThatSkipsANumberLosesTheLinkAndNothingElse) {
  EXPECT_TRUE(all_end_well(with_rogue(2, 0, [](RogueRank& rogue) {
    const auto connection = linked(rogue, rogue.befriend(1), first_link, 0);
    rogue.record(connection, 3, 3);
    const auto fallen = rogue.await_word<Fallen>(1);
    check(fallen.link == first_link && fallen.received == 1, "what skips was not taken");
    rogue.record(connection, 1, 77);  // nor is anything after it
    end_in_posts(rogue, first_link, 1);
  }), [](Job& job) { echo(job, 0); }));
}

TEST(RogueRank, ARepeatedRecordIsDropped) {
  EXPECT_TRUE(all_end_well(with_rogue(2, 0, [](RogueRank& rogue) {
    const auto connection = linked(rogue, rogue.befriend(1), first_link, 0);
    for (int n = 0; n < 5; ++n) rogue.record(connection, 0, 0);
    rogue.record(connection, 1, 1);
    check_echo(rogue.await_frame(FrameType::record), 1, 1);
    rogue.record(connection, 2, -1);
  }), [](Job& job) { echo(job, 0); }));
}

TEST(RogueRank, HelloAndFallenOfAnEarlierLinkChangeNothing) {
  EXPECT_TRUE(all_end_well(with_rogue(2, 0, [](RogueRank& rogue) {
    const auto there = rogue.befriend(1);
    linked(rogue, there, first_link, 0);
    rogue.say(1, Fallen{first_link, 1, 1});
    check(rogue.await_word<Fallen>(1).link == first_link, "it agrees");
    check(rogue.await_word<Resume>(1).next == 1, "all in posts");
    // The hello of before, on a new connection: nobody answers. A link that is new is taken after it.
    const auto stale = rogue.dial(1, there);
    rogue.hello(stale, 1, first_link, 0, 0);
    rogue.record(stale, 1, 99);
    const auto connection = linked(rogue, there, second_link, 1);
    check(rogue.count(FrameType::answer) == 0, "no answer to what is over");
    // What was said of the first link, and an answer nobody waits for.
    rogue.say(1, Fallen{first_link, 1, 1});
    FrameHeader answer;
    answer.type = FrameType::answer;
    answer.tag = 1;
    answer.number = first_link;
    rogue.send(connection, answer);
    rogue.hello(connection, 1, third_link, 0, 0);
    rogue.record(connection, 2, 2);
    const auto echoed = rogue.await_frame(FrameType::record);
    check(echoed.connection == connection, "the second link is as it was");
    check_echo(echoed, 2, 2);
    check(rogue.count(FrameType::answer) == 0 && !rogue.take_word<Fallen>(1), "nothing was said to it");
    rogue.record(connection, 3, -1);
  }), [](Job& job) { echo(job, 0); }));
}

TEST(RogueRank, GarbageOnALinkCutsItsSenderOff) {
  // Rank 0 is told so; rank 2 notices nothing.
  EXPECT_TRUE(all_end_well(with_rogue(3, 1, [](RogueRank& rogue) {
    const auto there = rogue.befriend(0);
    // Rank 0 leads and has dialled: its hello, our answer, then what is no frame.
    const auto hello = rogue.await_frame(FrameType::hello);
    FrameHeader answer = hello.header;
    answer.type = FrameType::answer;
    answer.tag = 0;
    answer.received = answer.taken = 0;
    rogue.send(hello.connection, answer);
    rogue.record(hello.connection, 0, 5);
    const auto garbage = std::make_shared<const base::Bytes>(100, std::byte{0xa5});
    rogue.driver().send(hello.connection, garbage);
    rogue.post(2, 1);
    (void)there;
    (void)rogue.await_post(2);  // stays until rank 0 has seen it
  }), [](Job& job) {
    if (job.rank() == 0) {
      check(job.messages().receive<int>(1) == 5, "what came before is good");
      int who = -1;
      check(error_of([&] { job.messages().receive<int>(1); }, &who) == Errc::malformed && who == 1, "it is named");
      job.messages().send(2, 7);
    } else {
      check(job.messages().receive<int>(1) == 1 && job.messages().receive<int>(0) == 7, "nobody else is cut off");
      job.messages().send(1, 1);
    }
  }));
}

TEST(RogueRank, AHelloForAnotherRankIsNotAnswered) {
  EXPECT_TRUE(all_end_well(with_rogue(2, 0, [](RogueRank& rogue) {
    const auto there = rogue.befriend(1);
    rogue.hello(rogue.dial(1, there), 2, first_link, 0, 0);
    const auto connection = linked(rogue, there, second_link, 0);
    check(rogue.count(FrameType::answer) == 0, "no answer to what was not for it");
    rogue.record(connection, 1, -1);
  }), [](Job& job) { echo(job, 0); }));
}

TEST(RogueRank, WhoGivesAnothersKeyForItsOwnGetsNothingOfTheOthers) {
  // Rank 2 says to rank 0 that it has rank 1's key and address. Rank 0 dials there, and must not take rank 1 for it.
  EXPECT_TRUE(all_end_well(with_rogue(3, 2, [](RogueRank& rogue) {
    Contact stolen = rogue.befriend(1);
    stolen.has_yours = true;
    rogue.say(0, stolen);
    rogue.await_word<Contact>(0);
    rogue.say(0, stolen);
    // The first step is a dial, this the second: by now rank 0 has tried.
    rogue.await_word<DialMe>(0);
    for (int n = 0; n < 20; ++n) {
      check(rogue.await_post(0) == 200 + n, "what is for rank 2 comes to rank 2");
      rogue.post(0, n);
    }
    rogue.post(1, -1);
  }), [](Job& job) {
    Messages& messages = job.messages();
    if (job.rank() == 0) {
      for (int n = 0; n < 20; ++n) {
        messages.send(2, 200 + n);
        messages.send(1, 100 + n);
        check(messages.receive<int>(2) == n, "of rank 2");
        check(messages.receive<int>(1) == n, "of rank 1");
      }
      return;
    }
    for (int n = 0; n < 20; ++n) {
      check(messages.receive<int>(0) == 100 + n, "what is for rank 1");
      messages.send(0, n);
    }
    check(messages.receive<int>(2) == -1, "of rank 2");
  }));
}

}  // namespace
}  // namespace zel::test
