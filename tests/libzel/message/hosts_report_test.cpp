// Why: a rank tells its node before it leaves how it reached others, and says what was, not what happened to be left
// of it when all were leaving.
#include <gtest/gtest.h>

#include <thread>

#include "tests/libzel/message/hosts.hpp"

namespace zel::test {
namespace {

using Reports = std::map<int, wire::member::PathReport>;

Hosts::Options asking(std::vector<std::string> addresses) {
  Hosts::Options options;
  options.addresses = std::move(addresses);
  options.report_paths = true;
  return options;
}

void talk(Job& job, int rounds) {
  for (int n = 0; n < rounds; ++n) {
    if (job.rank() == 0) job.messages().send(1, n);
    check(job.messages().receive<int>(1 - job.rank()) == n, "in order");
    if (job.rank() == 1) job.messages().send(0, n);
    if (n < 200) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(HostsReport, ALinkIsToldWithItsFigures) {
  Hosts hosts(asking({"127.0.0.1"}), [](Job& job) { talk(job, 400); });
  ASSERT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  ASSERT_EQ(hosts.reports().size(), 2u);
  for (const auto& [rank, report] : hosts.reports()) {
    ASSERT_EQ(report.lines.size(), 1u) << rank;
    const auto& line = report.lines.front();
    EXPECT_EQ(line.peer, static_cast<std::uint32_t>(1 - rank));
    EXPECT_EQ(line.direct, 1u) << rank << ": " << line.not_direct;
    EXPECT_EQ(line.sent_bytes, 400 * sizeof(int));
    EXPECT_EQ(line.received_bytes, 400 * sizeof(int));
    EXPECT_GT(line.received_by_nodes_bytes, 0u) << "the first did not wait for the link";
    EXPECT_LT(line.received_by_nodes_bytes, line.received_bytes);
    EXPECT_GT(line.linked_after_us, 0u);
  }
  EXPECT_GT(hosts.reports().at(0).lines.front().round_trip_us, 0u);
  EXPECT_GT(hosts.reports().at(0).lines.front().nodes_round_trip_us, 0u);
}

TEST(HostsReport, WithoutLinksItSaysWhy) {
  Hosts hosts(asking({}), [](Job& job) { talk(job, 3); });
  ASSERT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  for (const auto& [rank, report] : hosts.reports()) {
    ASSERT_EQ(report.lines.size(), 1u) << rank;
    EXPECT_EQ(report.lines.front().nodes, 1u);
    EXPECT_NE(report.lines.front().not_direct, "");
    EXPECT_NE(report.lines.front().not_met, "");
  }
}

TEST(HostsReport, OneLineForAHostHoweverManyRanks) {
  auto options = asking({"127.0.0.1"});
  options.host_of = {0, 1, 1, 1};
  Hosts hosts(options, [](Job& job) {
    for (int n = 0; n < 100; ++n) {
      if (job.rank() == 0) {
        for (int to = 1; to < 4; ++to) job.messages().send(to, n);
        for (int from = 1; from < 4; ++from) job.messages().receive<int>(from);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      } else {
        job.messages().receive<int>(0);
        job.messages().send(0, n);
      }
    }
  });
  ASSERT_EQ(hosts.finish(), (std::vector<int>{0, 0, 0, 0}));
  const auto& line = hosts.reports().at(0).lines;
  ASSERT_EQ(line.size(), 1u);
  EXPECT_EQ(line[0].direct + line[0].reverse + line[0].meet + line[0].nodes, 3u);
}

TEST(HostsReport, NobodyAskedNobodyTells) {
  auto options = asking({"127.0.0.1"});
  options.report_paths = false;
  Hosts hosts(options, [](Job& job) { talk(job, 3); });
  ASSERT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  EXPECT_TRUE(hosts.reports().empty());
}

TEST(HostsReport, WhoCannotBeDialledIsNotDialledFirst) {
  auto options = asking({"127.0.0.1"});
  options.shut = {1};
  Hosts hosts(options, [](Job& job) { talk(job, 400); });
  ASSERT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  EXPECT_EQ(hosts.reports().at(0).lines.front().reverse, 1u);
  EXPECT_NE(hosts.reports().at(0).lines.front().not_direct, "");
}

}  // namespace
}  // namespace zel::test
