// Why: the ranks' reports become one row for each pair of hosts, whoever of a pair told, and however much they told.
#include <gtest/gtest.h>

#include "daemon/job/path_table.hpp"

namespace zel::job {
namespace {

using wire::member::PathReport;
using wire::paths::PathLine;

// Ranks 0 and 1 on host 0, rank 2 on host 1, rank 3 on host 2.
const PathTable::Hosts host_of{0, 0, 1, 2};

PathLine to(std::uint32_t peer) {
  PathLine line;
  line.peer = peer;
  return line;
}

TEST(PathTable, BothEndsOfAPairMakeOneRow) {
  PathTable table;
  PathLine first = to(2);
  first.meet = 1;
  first.round_trip_us = 500;
  first.sent_bytes = 1000;
  first.received_bytes = 70;
  first.bytes_per_second = 7;
  first.not_direct = "no answer";
  PathLine second = to(0);
  second.meet = 1;
  second.round_trip_us = 400;
  second.sent_bytes = 70;
  second.received_bytes = 1000;
  second.bytes_per_second = 9;
  second.linked_after_us = 3;
  table.on_report(0, {{first}}, host_of);
  table.on_report(2, {{second}}, host_of);
  const auto rows = table.rows().rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].host, 0u);
  EXPECT_EQ(rows[0].other, 1u);
  EXPECT_EQ(rows[0].meet, 1u) << "a pair is counted once";
  EXPECT_EQ(rows[0].round_trip_us, 400u);
  EXPECT_EQ(rows[0].linked_after_us, 3u);
  EXPECT_EQ(rows[0].to_other_bytes, 1000u);
  EXPECT_EQ(rows[0].to_host_bytes, 70u);
  EXPECT_EQ(rows[0].to_other_bytes_per_second, 9u);
  EXPECT_EQ(rows[0].to_host_bytes_per_second, 7u);
  EXPECT_EQ(rows[0].not_direct, "no answer");
}

TEST(PathTable, SeveralRanksOfAHostAddUp) {
  PathTable table;
  for (const std::uint32_t rank : {0u, 1u}) {
    PathLine line = to(2);
    (rank == 0 ? line.direct : line.nodes) = 1;
    line.sent_bytes = 5;
    table.on_report(rank, {{line}}, host_of);
  }
  const auto rows = table.rows().rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].direct, 1u);
  EXPECT_EQ(rows[0].nodes, 1u);
  EXPECT_EQ(rows[0].to_other_bytes, 10u);
}

TEST(PathTable, OfWhoWasKilledTheOtherTells) {
  PathTable table;
  PathLine line = to(0);
  line.reverse = 1;
  line.received_bytes = 44;
  table.on_report(3, {{line}}, host_of);
  const auto rows = table.rows().rows;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].reverse, 1u);
  EXPECT_EQ(rows[0].to_other_bytes, 44u);
}

TEST(PathTable, ARankIsHeardOnce) {
  PathTable table;
  PathLine line = to(2);
  line.direct = 1;
  for (int i = 0; i < 3; ++i) table.on_report(0, {{line}}, host_of);
  EXPECT_EQ(table.rows().rows.at(0).direct, 1u);
}

TEST(PathTable, NonsenseChangesNothing) {
  PathTable table;
  PathLine long_reason = to(2);
  long_reason.not_met = std::string(wire::paths::max_reason_bytes + 1, 'x');
  for (const auto& report : {PathReport{{to(4)}}, PathReport{{long_reason}},
                             PathReport{std::vector<PathLine>(wire::paths::max_report_lines + 1, to(2))}}) {
    table.on_report(0, report, host_of);
  }
  table.on_report(1, {{to(0)}}, host_of);  // on the same host
  EXPECT_TRUE(table.rows().rows.empty());
}

TEST(PathTable, MembersOfOneHostShareMemory) {
  PathTable table;
  for (const std::uint32_t host : {0u, 0u, 1u}) table.on_joined(host);
  table.on_report(2, {{to(3)}}, host_of);
  const auto rows = table.rows().rows;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(std::pair(rows[0].host, rows[0].other), std::pair(0u, 0u));
  EXPECT_EQ(std::pair(rows[1].host, rows[1].other), std::pair(1u, 2u));
}

TEST(PathTable, RowsAreBounded) {
  constexpr std::uint32_t hosts = 100;
  PathTable::Hosts many;
  for (std::uint32_t host = 0; host < hosts; ++host) many.push_back(host);
  PathTable table;
  for (std::uint32_t rank = 0; rank < hosts; ++rank) {
    PathReport report;
    for (std::uint32_t peer = 0; peer < wire::paths::max_report_lines; ++peer) report.lines.push_back(to(peer));
    table.on_report(rank, report, many);
  }
  const auto report = table.rows();
  EXPECT_EQ(report.rows.size(), wire::run::max_path_rows);
  EXPECT_TRUE(report.more);
}

}  // namespace
}  // namespace zel::job
