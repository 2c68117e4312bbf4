// Many nodes on one machine, as real daemons on real sockets: they find each other, run jobs across, lose some
// of their number and go on.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Nodes, TwoRunOneJobTogether) {
  NodeGroup nodes(2);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const auto done = nodes.zrun(1, {"-n", "2", "sh", "-c", "echo $ZEL_RANK of $ZEL_SIZE on $ZEL_NODE"});
  EXPECT_EQ(done.status, 0) << done.err;
  auto lines = lines_of(done.out);
  std::sort(lines.begin(), lines.end());
  ASSERT_EQ(lines.size(), 2u) << done.out << done.err;
  EXPECT_EQ(lines[0], "0 of 2 on n1") << "the nearest is the node itself";
  EXPECT_EQ(lines[1], "1 of 2 on n0");
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Nodes, StdinSignalsAndStatusCrossThem) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));

  std::string megabytes;
  for (int i = 0; i < 200'000; ++i) megabytes += std::to_string(i) + "\n";
  auto words = nodes.zrun_words(0, {"-n", "3", "--stdin", "2", "sh", "-c", "test $ZEL_RANK != 2 || cksum"});
  Process::Options feeding;
  feeding.input = megabytes;
  Process copy(words, feeding);
  const auto copied = copy.finish();
  EXPECT_EQ(copied.status, 0) << copied.err;
  EXPECT_EQ(copied.out, run({"cksum"}, megabytes).out);

  // To all, one of whom is slow and one does not read to the end.
  Process spread(nodes.zrun_words(0, {"-n", "3", "--stdin", "all", "sh", "-c",
                                      "case $ZEL_RANK in 0) cksum;; 1) head -c 100000 | cksum;; 2) dd bs=512 2>/dev/null | cksum;; esac"}),
                 feeding);
  const auto spread_out = spread.finish();
  EXPECT_EQ(spread_out.status, 0) << spread_out.err;
  std::vector<std::string> sums = lines_of(spread_out.out);
  std::vector<std::string> expected = lines_of(copied.out + copied.out + run({"cksum"}, megabytes.substr(0, 100'000)).out);
  std::sort(sums.begin(), sums.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(sums, expected);

  EXPECT_EQ(nodes.zrun(0, {"-n", "3", "--on-failure", "ignore", "sh", "-c", "exit $((ZEL_RANK * 7))"}).status, 14);
  EXPECT_EQ(nodes.zrun(0, {"-n", "3", "--on-failure", "ignore", "sh", "-c", "kill -SEGV $$"}).status, 128 + SIGSEGV);

  Process long_run(nodes.zrun_words(0, {"-n", "3", "sh", "-c", "trap 'echo got it; exit 0' USR1; echo up; while :; do sleep 0.05; done"}));
  ASSERT_TRUE(long_run.wait_for_output("up\nup\nup\n"));
  long_run.signal(SIGUSR1);
  const auto ended = long_run.finish();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_NE(ended.out.find("got it\ngot it\ngot it"), std::string::npos) << ended.out;
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Nodes, MembershipAndMessagesSpanThem) {
  NodeGroup nodes(4);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const auto log = nodes.zrun(2, {"-n", "4", program("zel_probe"), "log"});
  EXPECT_EQ(log.status, 0) << log.err;
  std::map<std::string, std::string> by_rank;
  for (const auto& line : lines_of(log.out)) by_rank[line.substr(0, 1)] += line.substr(1) + "\n";
  ASSERT_EQ(by_rank.size(), 4u) << log.out;
  for (const auto& [rank, text] : by_rank) EXPECT_EQ(text, by_rank["0"]) << rank;
  const auto computed = nodes.zrun(0, {"-n", "4", program("zel_probe"), "compute"});
  EXPECT_EQ(computed.status, 0) << computed.err;
  EXPECT_NE(computed.out.find("0: 2178309 6765"), std::string::npos) << computed.out;
}

TEST(Nodes, TooFewCoresIsSaidPlainly) {
  NodeGroup nodes(2);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const auto refused = nodes.zrun(0, {"-n", "5", "--wait", "1", "true"});
  EXPECT_EQ(refused.status, 125);
  EXPECT_NE(refused.err.find("2 of 5"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("--oversubscribe"), std::string::npos) << refused.err;
  EXPECT_EQ(nodes.zrun(0, {"-n", "5", "--oversubscribe", "true"}).status, 0);
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Nodes, HostsAreFilteredAndExplained) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(nodes.add({"--label", "gpu=true"}));
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const std::vector<std::string> where{"sh", "-c", "echo $ZEL_NODE"};
  const auto on = [&](std::vector<std::string> options) {
    options.insert(options.end(), where.begin(), where.end());
    return nodes.zrun(0, options);
  };
  EXPECT_EQ(on({"--host", "n2"}).out, "n2\n");
  EXPECT_EQ(on({"--exclude", "n0,n1", "--host", "n1,n2"}).out, "n2\n");
  EXPECT_EQ(on({"--require", "gpu=true"}).out, "n3\n");
  const auto explained = on({"--explain", "--require", "gpu=true"});
  EXPECT_NE(explained.err.find("gpu=true"), std::string::npos) << explained.err;
  for (const auto* name : {"n0", "n1", "n2", "n3"}) EXPECT_NE(explained.err.find(name), std::string::npos) << explained.err;
  EXPECT_EQ(on({"--require", "arch=pdp11", "--wait", "1"}).status, 125);
}

TEST(Nodes, AJobLosesAHostAndSaysWhich) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const std::string mark = "ZEL_TEST_MARK=lost-host-" + std::to_string(::getpid());
  Process job(nodes.zrun_words(0, {"-n", "3", "-x", mark, "sh", "-c", "echo $ZEL_NODE is up; exec sleep 300"}));
  for (const char* line : {"n0 is up", "n1 is up", "n2 is up"}) ASSERT_TRUE(job.wait_for_output(line)) << nodes.log(0);
  nodes.kill(2);
  const auto ended = job.finish(60s);
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.err.find("n2"), std::string::npos) << ended.err;
  EXPECT_TRUE(eventually([&] { return processes_with(mark).empty(); })) << "ranks outlive their job";
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Nodes, RanksEndWhenTheirPrimaryIsKilled) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const std::string mark = "ZEL_TEST_MARK=lost-primary-" + std::to_string(::getpid());
  Process job(nodes.zrun_words(1, {"-n", "3", "-x", mark, "sh", "-c", "echo up; exec sleep 300"}));
  ASSERT_TRUE(job.wait_for_output("up\nup\nup\n"));
  nodes.kill(1);
  EXPECT_EQ(job.finish(60s).status, 125);
  EXPECT_TRUE(eventually([&] { return processes_with(mark).empty(); }, 60s)) << "ranks outlive their lease";
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); }, 60s)) << "cores leaked";
}

TEST(Nodes, FiftyRunAJobLoseElevenAndRunTheNext) {
  NodeGroup nodes(50);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }, 90s)) << "no full view";
  const auto all = nodes.zrun(17, {"-n", "50", "sh", "-c", "echo $ZEL_NODE"});
  EXPECT_EQ(all.status, 0) << all.err;
  const auto lines = lines_of(all.out);
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 50u) << all.out << all.err;

  for (int node = 3; node < 3 + 11; ++node) nodes.kill(node);
  EXPECT_TRUE(eventually([&] {
    const auto seen = nodes.states(31);
    return std::all_of(seen.begin(), seen.end(), [&](const auto& entry) {
      const int node = std::stoi(entry.first.substr(1));
      return nodes.is_running(node) || entry.second == "dead";
    });
  }, 90s)) << "deaths went unnoticed";
  const auto rest = nodes.zrun(31, {"-n", "39", "--wait", "60", "sh", "-c", "echo $ZEL_NODE"}, 90s);
  EXPECT_EQ(rest.status, 0) << rest.err;
  EXPECT_EQ(lines_of(rest.out).size(), 39u) << rest.out;
  EXPECT_TRUE(eventually([&] { return nodes.all_see_all(); }, 60s)) << "a living node is held dead";
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Nodes, AStoppedNodeBuriesNobodyAndComesBack) {
  NodeGroup nodes(8);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  nodes.signal(5, SIGSTOP);
  const auto continue_at = std::chrono::steady_clock::now() + 20s;
  EXPECT_TRUE(eventually([&] {
    const auto seen = nodes.states(0);
    return seen.at("n5") == "dead";
  }, 20s)) << "the others should not wait for it";
  std::this_thread::sleep_until(continue_at);
  nodes.signal(5, SIGCONT);
  EXPECT_TRUE(eventually([&] { return nodes.all_see_all(); }, 30s)) << "it is not alive to all again";
  // What it said of others since it went on would stand in its log.
  for (int node = 0; node < nodes.size(); ++node) {
    if (node != 5) {
      EXPECT_EQ(nodes.log(5).find("n" + std::to_string(node) + " died"), std::string::npos) << nodes.log(5);
    }
  }
  EXPECT_EQ(nodes.zrun(5, {"-n", "8", "true"}).status, 0);
}

TEST(Nodes, OneThatLeavesIsNotMourned) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  EXPECT_EQ(nodes.stop(2), 0);
  EXPECT_TRUE(eventually([&] {
    const auto seen = nodes.states(0);
    return !seen.contains("n2") || seen.at("n2") == "left";
  }));
  EXPECT_EQ(nodes.log(0).find("n2 died"), std::string::npos) << nodes.log(0);
}

}  // namespace
}  // namespace zel::test
