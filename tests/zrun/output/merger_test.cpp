// Why: every rule of the merger as a transcript.
#include "zrun/output/merger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/zrun/output/stage.hpp"
#include "zrun/output/file_name.hpp"

namespace zel::zrun::output {
namespace {

using namespace std::string_literals;

MergerOptions ranks(std::uint32_t n) { return {.ranks = n}; }
MergerOptions terminal(std::uint32_t n) { return {.ranks = n, .one_terminal = true}; }
MergerOptions tagged(std::uint32_t n) { return {.ranks = n, .tags = true, .one_terminal = true}; }

TEST(Merger, wholeLinesGoOutAtOnce) {
  Stage s(ranks(3));
  EXPECT_EQ(s.out(0, "a\n").out_text(), "a\n");
  EXPECT_EQ(s.out(1, "b\nc\n").out(2, "d\n").out_text(), "b\nc\nd\n");
  EXPECT_EQ(s.due_in(), -1);
}

TEST(Merger, outAndErrGoToTheirOwnSinks) {
  Stage s(ranks(2));
  s.out(0, "o\n").err(1, "e\n");
  EXPECT_EQ(s.out_text(), "o\n");
  EXPECT_EQ(s.err_text(), "e\n");
}

TEST(Merger, theBeginningOfALineWaitsForTheRest) {
  Stage s(ranks(2));
  EXPECT_EQ(s.out(0, "a\nhalf").out(1, "b\n").out_text(), "a\nb\n");
  EXPECT_EQ(s.out(0, " and half\n").out_text(), "half and half\n");
}

TEST(Merger, aPromptShowsAfterSilence) {
  Stage s(terminal(2));
  s.out(0, "name? ");
  EXPECT_EQ(s.due_in(), 50);
  EXPECT_EQ(s.run_to(49).shown(), "");
  EXPECT_EQ(s.run_to(50).shown(), "name? ");
  EXPECT_EQ(s.due_in(), -1) << "nobody waits, so nothing is due";
}

TEST(Merger, silenceIsCountedFromTheLastByte) {
  Stage s(terminal(1));
  s.out(0, "a").at(40).out(0, "b");
  EXPECT_EQ(s.run_to(89).shown(), "");
  EXPECT_EQ(s.run_to(90).shown(), "ab");
}

TEST(Merger, thePromptHoldsTheSinkUntilItsLineEnds) {
  Stage s(terminal(3));
  s.out(0, "name? ").run_to(60).out(1, "one\n").out(2, "two\n");
  EXPECT_EQ(s.shown(), "name? ");
  EXPECT_EQ(s.at(100).out(0, "zel").shown(), "zel") << "a holder's bytes go out at once";
  EXPECT_EQ(s.out(0, "!\nnext").shown(), "!\none\ntwo\n") << "those who wait go before the next line";
  EXPECT_EQ(s.run_to(150).shown(), "next");
}

TEST(Merger, theHolderLosesTheSinkAfterASecondWhenSomebodyWaits) {
  Stage s(terminal(2));
  s.out(0, "name? ").run_to(5000);
  EXPECT_EQ(s.shown(), "name? ");
  s.out(1, "one\n");
  EXPECT_EQ(s.due_in(), 1000);
  EXPECT_EQ(s.run_to(5999).shown(), "");
  EXPECT_EQ(s.run_to(6000).shown(), "\none\n");
  EXPECT_EQ(s.out(0, "zel\n").shown(), "zel\n");
}

TEST(Merger, aHolderThatGoesOnWritingKeepsTheSink) {
  Stage s(terminal(2));
  s.out(0, "0%").run_to(50).out(1, "one\n");
  for (int ms = 900; ms < 5000; ms += 900) s.run_to(ms).out(0, ".");
  EXPECT_EQ(s.shown(), "0%.....");
  EXPECT_EQ(s.out(0, "100%\n").shown(), "100%\none\n");
}

TEST(Merger, aHolderThatEndsLetsTheOthersOn) {
  Stage s(terminal(2));
  s.out(0, "last words").run_to(60).out(1, "one\n");
  EXPECT_EQ(s.shown(), "last words");
  EXPECT_EQ(s.end(0).shown(), "\none\n");
}

TEST(Merger, twoPromptsTakeTurns) {
  Stage s(terminal(3));
  s.out(0, "zero? ").out(1, "one? ").out(2, "two? ");
  EXPECT_EQ(s.run_to(50).shown(), "zero? ");
  EXPECT_EQ(s.run_to(1050).shown(), "\none? ");
  EXPECT_EQ(s.out(1, "yes\n").shown(), "yes\ntwo? ");
}

TEST(Merger, whoWaitsShowsItsLinesBeforeItsPrompt) {
  Stage s(terminal(3));
  s.out(0, "hold").run_to(50).out(1, "line\npart").out(2, "other\n");
  EXPECT_EQ(s.end(0).shown(), "hold\nline\nother\n");
  EXPECT_EQ(s.run_to(100).shown(), "part");
}

TEST(Merger, separateSinksAreHeldSeparately) {
  Stage s(ranks(2));
  s.out(0, "prompt").run_to(50).err(1, "error\n").out(1, "waits\n");
  EXPECT_EQ(s.err_text(), "error\n");
  EXPECT_EQ(s.out_text(), "prompt");
}

TEST(Merger, onOneTerminalTheyAreNot) {
  Stage s(terminal(2));
  s.out(0, "prompt").run_to(50).err(1, "error\n");
  EXPECT_EQ(s.shown(), "prompt");
  EXPECT_EQ(s.end(0).shown(), "\nerror\n");
}

TEST(Merger, theTwoStreamsOfARankDoNotWaitForOneAnother) {
  Stage s(terminal(2));
  s.out(0, "prompt ").run_to(50).err(0, "warning\n");
  EXPECT_EQ(s.shown(), "prompt warning\n");
}

TEST(Merger, theSecondStreamOfARankLeavesTheQueueWithTheFirst) {
  Stage s(terminal(3));
  s.out(0, "hold").run_to(50).out(1, "part").run_to(100).out(2, "two\n").err(1, "error\n");
  EXPECT_EQ(s.shown(), "hold");
  EXPECT_EQ(s.end(0).shown(), "\nparterror\ntwo\n");
}

TEST(Merger, oneRankAloneIsByteExact) {
  const std::string binary = "\0\xff\xfe\r\n\n\0no newline at the end"s;
  for (const bool one_terminal : {false, true}) {
    Stage s({.ranks = 4, .one_terminal = one_terminal});
    int ms = 0;
    for (const char c : binary) s.out(2, std::string(1, c)).run_to(ms += 30);
    s.end_all();
    EXPECT_EQ(s.out_text(), binary);
  }
}

TEST(Merger, anUnfinishedLastLineIsEndedOnlyForOthers) {
  Stage s(ranks(3));
  s.out(0, "zero").end(0).out(1, "one").end(1);
  EXPECT_EQ(s.out_text(), "zero\none");
  EXPECT_EQ(s.end(2).out_text(), "");
  EXPECT_EQ(s.due_in(), -1);
}

TEST(Merger, anUnfinishedLastLineIsNotEndedForTheSameRanksErrors) {
  Stage s(terminal(2));
  s.out(0, "result").end(0).err(0, " oops\n");
  EXPECT_EQ(s.shown(), "result oops\n");
}

TEST(Merger, aLongLineIsPassedOnInPieces) {
  Stage s(ranks(2));
  const std::string piece(20 << 10, 'x');
  EXPECT_EQ(s.out(0, piece).out_text(), "");
  EXPECT_EQ(s.out(0, piece).out_text(), piece + piece);
  s.out(1, "one\n");
  EXPECT_EQ(s.out(0, "yy").out_text(), "yy");
  EXPECT_EQ(s.out(0, "\n").out_text(), "\none\n");
}

TEST(Merger, aLongLineThatFollowsALineLetsTheOthersOnFirst) {
  Stage s(ranks(2));
  const std::string piece(40 << 10, 'x');
  s.out(0, piece).out(1, "one\n");
  EXPECT_EQ(s.out(0, "end\n" + piece).out_text(), piece + "end\none\n" + piece);
}

TEST(Merger, tagsStandAtEveryLineStart) {
  Stage s(tagged(12));
  EXPECT_EQ(s.out(3, "a\nb\n").err(11, "c\n").shown(), "[ 3] a\n[ 3] b\n[11] c\n");
  EXPECT_EQ(s.out(0, "\n").shown(), "[ 0] \n");
}

TEST(Merger, aTagIsNotRepeatedWithinALine) {
  Stage s(tagged(2));
  EXPECT_EQ(s.out(1, "a").run_to(50).shown(), "[1] a");
  EXPECT_EQ(s.out(1, "b").shown(), "b");
  EXPECT_EQ(s.out(1, "c\nd\n").shown(), "c\n[1] d\n");
}

TEST(Merger, whatFollowsAnInsertedNewlineIsTaggedAgain) {
  Stage s(tagged(2));
  s.out(0, "half ").run_to(50).out(1, "one\n").run_to(1050);
  EXPECT_EQ(s.shown(), "[0] half \n[1] one\n");
  EXPECT_EQ(s.out(0, "a line\n").shown(), "[0] a line\n");
}

TEST(Merger, tagsAddNoNewlineAtTheEnd) {
  Stage s(tagged(2));
  EXPECT_EQ(s.out(0, "x").out(1, "y").end_all().shown(), "[0] x\n[1] y");
}

TEST(Merger, tagWidth) {
  EXPECT_EQ(tag(0, 1), "[0] ");
  EXPECT_EQ(tag(9, 10), "[9] ");
  EXPECT_EQ(tag(9, 11), "[ 9] ");
  EXPECT_EQ(tag(4095, 4096), "[4095] ");
}

TEST(Merger, aNoticeStandsOnALineOfItsOwn) {
  Stage s(terminal(2));
  s.out(0, "prompt").run_to(50).out(1, "one\n").notice("zrun: rank 0 is slow");
  EXPECT_EQ(s.shown(), "prompt\nzrun: rank 0 is slow\none\n");
  Stage apart(ranks(2));
  apart.out(0, "prompt").run_to(50).notice("zrun: hello");
  EXPECT_EQ(apart.out_text(), "prompt");
  EXPECT_EQ(apart.err_text(), "zrun: hello\n");
}

TEST(Merger, endAllFlushesEverything) {
  Stage s(terminal(3));
  s.out(0, "hold").run_to(50).out(1, "one").err(2, "two\nx");
  s.end_all();
  EXPECT_EQ(s.shown(), "hold\ntwo\none\nx");
  EXPECT_EQ(s.due_in(), -1);
}

TEST(Merger, aNodeThatBreaksTheRulesIsToldApart) {
  Merger m(ranks(2));
  const base::Time now{};
  EXPECT_FALSE(m.on_data(2, Stream::out, base::as_bytes("x"), now));
  EXPECT_FALSE(m.on_end(2, Stream::out, now));
  EXPECT_TRUE(m.on_end(1, Stream::out, now));
  EXPECT_FALSE(m.on_end(1, Stream::out, now));
  EXPECT_FALSE(m.on_data(1, Stream::out, base::as_bytes("x"), now));
  EXPECT_TRUE(m.on_data(1, Stream::err, base::as_bytes("x"), now));
}

TEST(Merger, whatWaitsIsBoundedByTheWindow) {
  Stage s(ranks(2));
  s.out(0, "hold").run_to(50);
  const std::string window(wire::run::output_window_bytes(1), 'x');
  s.out(1, window);
  EXPECT_FALSE(s.merger().on_data(1, Stream::out, base::as_bytes("x"), s.now()));
}

TEST(Merger, creditComesBackInLumpsWithTheBytes) {
  Merger m({.ranks = 2, .credit_lump_bytes = 10});
  const base::Time now{};
  ASSERT_TRUE(m.on_data(0, Stream::out, base::as_bytes("1234567\n"), now));
  auto writes = m.take_writes();
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_TRUE(writes[0].credits.empty());
  ASSERT_TRUE(m.on_data(0, Stream::out, base::as_bytes("12345\nwaits"), now));
  writes = m.take_writes();
  ASSERT_EQ(writes[0].credits.size(), 1u);
  EXPECT_EQ(writes[0].credits[0].bytes, 14u);
  EXPECT_EQ(writes[0].credits[0].rank, 0u);
}

TEST(Merger, smallLinesOfManyRanksAreFewWrites) {
  Merger m({.ranks = 200});
  for (std::uint32_t r = 0; r < 200; ++r) {
    ASSERT_TRUE(m.on_data(r, Stream::out, base::as_bytes("hello from a rank\n"), base::Time{}));
  }
  EXPECT_EQ(m.take_writes().size(), 1u);
}

TEST(Merger, filesGetTheirBytesUntouched) {
  Merger m({.ranks = 2, .tags = true, .to_files = true});
  const base::Time now{};
  for (const std::string_view text : {"a\nb", "c"}) {
    for (std::uint32_t r = 0; r < 2; ++r) ASSERT_TRUE(m.on_data(r, Stream::err, base::as_bytes(text), now));
  }
  EXPECT_EQ(m.next_deadline(), base::never);
  const auto writes = m.take_writes();
  ASSERT_EQ(writes.size(), 2u) << "one for each file";
  for (std::uint32_t r = 0; r < 2; ++r) {
    EXPECT_EQ(writes[r].sink, Sink::file);
    EXPECT_EQ(writes[r].rank, r);
    EXPECT_EQ(writes[r].stream, Stream::err);
    EXPECT_EQ(base::as_text(writes[r].bytes), "a\nbc");
  }
  EXPECT_TRUE(m.on_end(0, Stream::err, now));
  EXPECT_TRUE(m.take_writes().empty());
  ASSERT_TRUE(m.on_data(1, Stream::err, base::as_bytes("d"), now));
  EXPECT_EQ(m.take_writes().size(), 1u);
}

TEST(FileName, sortsByRank) {
  EXPECT_EQ(file_name(3, 4, Stream::out), "rank.003.out");
  EXPECT_EQ(file_name(0, 1, Stream::err), "rank.000.err");
  EXPECT_EQ(file_name(999, 1000, Stream::out), "rank.999.out");
  EXPECT_EQ(file_name(3, 4096, Stream::out), "rank.0003.out");
}

}  // namespace
}  // namespace zel::zrun::output
