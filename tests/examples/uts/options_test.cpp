// Why: the command lines of the published benchmark must mean here what they mean there.
#include "examples/uts/options.hpp"

#include <gmock/gmock.h>

#include "examples/uts/report.hpp"

namespace uts {
namespace {

using testing::HasSubstr;

std::variant<Options, Notice> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "uts");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}
Tree tree_of(std::vector<const char*> arguments) {
  return std::get<Options>(parse(std::move(arguments))).tree;
}
Notice notice_of(std::vector<const char*> arguments) { return std::get<Notice>(parse(std::move(arguments))); }

TEST(UtsOptions, DefaultsAreThePublishedOnes) {
  const Tree tree = tree_of({});
  EXPECT_EQ(tree.kind, Kind::geometric);
  EXPECT_EQ(tree.shape, Shape::linear);
  EXPECT_EQ(tree.depth, 6u);
  EXPECT_EQ(tree.branching, 4);
  EXPECT_EQ(tree.seed, 0u);
  EXPECT_EQ(tree.inner_probability, 0.234375);
  EXPECT_EQ(tree.inner_children, 4u);
  EXPECT_EQ(tree.hybrid_share, 0.5);
  EXPECT_EQ(tree.grain, 1u);
}

TEST(UtsOptions, EveryLetterSetsItsOwn) {
  const Tree tree = tree_of({"-t", "2", "-a", "1", "-d", "9", "-b", "2.5", "-r", "7", "-q", "0.1", "-m", "3",
                             "-f", "0.25", "-g", "6"});
  EXPECT_EQ(tree.kind, Kind::hybrid);
  EXPECT_EQ(tree.shape, Shape::exponential);
  EXPECT_EQ(tree.depth, 9u);
  EXPECT_EQ(tree.branching, 2.5);
  EXPECT_EQ(tree.seed, 7u);
  EXPECT_EQ(tree.inner_probability, 0.1);
  EXPECT_EQ(tree.inner_children, 3u);
  EXPECT_EQ(tree.hybrid_share, 0.25);
  EXPECT_EQ(tree.grain, 6u);
}

TEST(UtsOptions, ATreeWithoutAnEndIsRefused) {
  EXPECT_THAT(notice_of({"-t", "0", "-q", "0.5", "-m", "4"}).text, HasSubstr("no end"));
  EXPECT_THAT(notice_of({"-t", "2", "-q", "0.26", "-m", "4"}).text, HasSubstr("no end"));
  EXPECT_EQ(tree_of({"-t", "1", "-q", "0.5", "-m", "4"}).inner_probability, 0.5);  // not used by this kind
  // T3L is a little above 1, and has an end.
  EXPECT_EQ(tree_of({"-t", "0", "-b", "2000", "-q", "0.200014", "-m", "5", "-r", "7"}).inner_children, 5u);
}

TEST(UtsOptions, WhatMakesNoSenseIsOneLineAndStatus2) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"-t", "4"},
                                                                     {"-a", "-1"},
                                                                     {"-d", "0"},
                                                                     {"-b", "-2"},
                                                                     {"-q", "1.5"},
                                                                     {"-m", "101"},
                                                                     {"-x"},
                                                                     {"file"}}) {
    const Notice notice = notice_of(arguments);
    EXPECT_EQ(notice.status, 2);
    EXPECT_EQ(notice.text.find('\n'), notice.text.size() - 1) << notice.text;
  }
}

TEST(UtsOptions, HelpNamesTheTreesOthersHaveCounted) {
  const Notice help = notice_of({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.text, HasSubstr("-t 0 -b 2000 -q 0.124875 -m 8 -r 42"));
}

TEST(UtsReport, SaysWhatWasCounted) {
  const Result result{.tree = tree_of({"-t", "1", "-a", "3", "-d", "10", "-r", "19"}),
                      .tally = {4130071, 3305118, 10},
                      .seconds = 2,
                      .workers = 2,
                      .efficiency = 0.985};
  const std::string text = text_report(result);
  EXPECT_THAT(text, HasSubstr("geometric: fixed, depth 10, branching 4, seed 19"));
  EXPECT_THAT(text, HasSubstr("4,130,071 nodes, depth 10, 3,305,118 leaves (80.03 %)"));
  EXPECT_THAT(text, HasSubstr("2 workers, efficiency 98.5 %"));
  EXPECT_EQ(json_report(result),
            "{\"tree\":\"geometric: fixed, depth 10, branching 4, seed 19\",\"nodes\":4130071,\"depth\":10,"
            "\"leaves\":3305118,\"seconds\":2.0,\"mode\":\"tasks\",\"workers\":2,\"efficiency\":0.985}\n");
}

}  // namespace
}  // namespace uts
