// Why: scripts read the JSON report, so its fields, nulls and units are checked one by one.
#include "zrun/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace zel::zrun {
namespace {

using Json = nlohmann::ordered_json;
using wire::run::Ended;
using wire::run::Exited;
using wire::run::Planned;
using wire::run::Refused;
using wire::run::Started;

Planned plan() {
  return {.job = "7f3a",
          .node = "node7",
          .notice = "",
          .hosts = {{.name = "node7", .id = "", .cores = 2, .hwthreads = 4, .threads_per_rank = 1}},
          .ranks = {{{0, 2}, "package 0 core 0"}, {{1, 3}, "package 0 core 1"}, {{}, "unbound"}}};
}

RunRecord record() {
  RunRecord r("/usr/bin/app", {"app", "-v"});
  r.on(plan());
  return r;
}

Json read(const RunRecord& r, double seconds = 1.5) {
  const std::string text = json_report(r, seconds);
  EXPECT_EQ(text.back(), '\n');
  return Json::parse(text);
}

TEST(JsonReport, aRunThatWentWell) {
  RunRecord r = record();
  r.on(Started{.rank = 0, .pid = 71});
  r.on(Exited{.rank = 0,
              .pid = 71,
              .code = 3,
              .user_us = 1'500'000,
              .system_us = 250'000,
              .max_rss_kib = 2048,
              .ran_us = 2'000'000});
  r.on(Ended{.exit_status = 3, .cause = "rank 0 exited with 3"});
  const Json json = read(r);
  EXPECT_EQ(json["version"], 2);
  EXPECT_EQ(json["job"], "7f3a");
  EXPECT_EQ(json["node"], "node7");
  EXPECT_EQ(json["program"], "/usr/bin/app");
  EXPECT_EQ(json["arguments"], (std::vector<std::string>{"app", "-v"}));
  EXPECT_EQ(json["hosts"], Json::parse(R"([{"name": "node7", "id": "", "distance_ms": 0.0, "cores": 2, "hwthreads": 4,
                                            "threads_per_rank": 1}])"));
  EXPECT_EQ(json["exit_status"], 3);
  EXPECT_EQ(json["cause"], "rank 0 exited with 3");
  EXPECT_EQ(json["seconds"], 1.5);
  const Json& rank = json["ranks"][0];
  EXPECT_EQ(rank["rank"], 0);
  EXPECT_EQ(rank["host"], "node7");
  EXPECT_EQ(rank["pid"], 71);
  EXPECT_EQ(rank["cpus"], (std::vector<int>{0, 2}));
  EXPECT_EQ(rank["where"], "package 0 core 0");
  EXPECT_EQ(rank["exit_code"], 3);
  EXPECT_TRUE(rank["signal"].is_null());
  EXPECT_EQ(rank["ended_by_launcher"], false);
  EXPECT_EQ(rank["user_seconds"], 1.5);
  EXPECT_EQ(rank["system_seconds"], 0.25);
  EXPECT_EQ(rank["max_rss_kib"], 2048);
  EXPECT_EQ(rank["ran_seconds"], 2.0);
}

TEST(JsonReport, aRankThatASignalEnded) {
  RunRecord r = record();
  r.on(Exited{.rank = 1, .pid = 72, .signal = 15, .ended_by_launcher = true});
  const Json rank = read(r)["ranks"][1];
  EXPECT_TRUE(rank["exit_code"].is_null());
  EXPECT_EQ(rank["signal"], 15);
  EXPECT_EQ(rank["ended_by_launcher"], true);
}

TEST(JsonReport, whatIsNotKnownIsNull) {
  RunRecord r = record();
  r.on(Started{.rank = 2, .pid = 73});
  const Json json = read(r);
  EXPECT_TRUE(json["exit_status"].is_null());
  EXPECT_EQ(json["cause"], "");
  EXPECT_TRUE(json["ranks"][0]["pid"].is_null());
  EXPECT_EQ(json["ranks"][2]["pid"], 73);
  EXPECT_EQ(json["ranks"][2]["cpus"], Json::array());
  for (const char* field : {"exit_code", "signal", "ended_by_launcher", "user_seconds", "system_seconds",
                            "max_rss_kib", "ran_seconds"}) {
    EXPECT_TRUE(json["ranks"][2][field].is_null()) << field;
  }
}

TEST(JsonReport, everyRankHasTheSameFields) {
  RunRecord r = record();
  r.on(Exited{.rank = 0});
  std::set<std::vector<std::string>> shapes;
  const Json json = read(r);
  for (const Json& rank : json["ranks"]) {
    std::vector<std::string> fields;
    for (const auto& item : rank.items()) fields.push_back(item.key());
    shapes.insert(fields);
  }
  EXPECT_EQ(shapes.size(), 1u);
}

TEST(JsonReport, aRefusedJob) {
  RunRecord r("/usr/bin/app", {"app"});
  r.on(Refused{.exit_status = 125, .text = "no room"});
  const Json json = read(r);
  EXPECT_EQ(json["exit_status"], 125);
  EXPECT_EQ(json["cause"], "no room");
  EXPECT_EQ(json["ranks"], Json::array());
}

TEST(JsonReport, argumentsThatAreNotUtf8) {
  const RunRecord r("/usr/bin/app", {"app", "\xff\xfe"});
  EXPECT_EQ(read(r)["arguments"][1], "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(JsonReport, messagesAboutUnknownRanksChangeNothing) {
  RunRecord r = record();
  r.on(Started{.rank = 3, .pid = 1});
  r.on(Exited{.rank = 4'000'000'000});
  EXPECT_EQ(json_report(r, 1), json_report(record(), 1));
}

TEST(BindingsTable, isAligned) {
  EXPECT_EQ(bindings_table(plan()),
            "3 ranks on node7: 2 cores, 4 hwthreads, OMP_NUM_THREADS 1\n"
            "rank  cpus  where\n"
            "   0  0,2   package 0 core 0\n"
            "   1  1,3   package 0 core 1\n"
            "   2  -     unbound\n");
}

TEST(BindingsTable, ranksAreGroupedByHost) {
  Planned two = plan();
  two.hosts.push_back({.name = "far", .id = "0123456789abcdef", .distance_ms = 12.4, .cores = 1, .hwthreads = 1, .threads_per_rank = 1});
  two.hosts.front().id = "6018b38ec7aaaaaa";
  two.ranks[1].host = 1;
  EXPECT_EQ(bindings_table(two),
            "3 ranks on 2 hosts\n"
            "2 ranks on node7 (6018b38ec7, 0.00 ms): 2 cores, 4 hwthreads, OMP_NUM_THREADS 1\n"
            "rank  cpus  where\n"
            "   0  0,2   package 0 core 0\n"
            "   2  -     unbound\n"
            "1 rank on far (0123456789, 12 ms): 1 core, 1 hwthread, OMP_NUM_THREADS 1\n"
            "rank  cpus  where\n"
            "   1  1,3   package 0 core 1\n");
}

TEST(ExplainedTable, saysOfEveryNodeWhy) {
  const wire::run::Explained explained{{{"near", "6018b38ec7aaaaaa", 0.153, 2, "taken"},
                                        {"far-away", "0123456789abcdef", 104.2, 0, "label gpu=true is missing"}},
                                       "1 round, 2 nodes asked, 3 ms"};
  EXPECT_EQ(explained_table(explained),
            "node      id          distance  cores  why\n"
            "near      6018b38ec7   0.15 ms      2  taken\n"
            "far-away  0123456789    104 ms      -  label gpu=true is missing\n"
            "1 round, 2 nodes asked, 3 ms\n");
}

TEST(BindingsTable, cpusAreRanges) {
  Planned one = plan();
  one.hosts.front().cores = 1;
  one.ranks = {{{0, 1, 2, 3, 8, 10, 11}, "package 0 numa 0"}};
  EXPECT_EQ(bindings_table(one),
            "1 rank on node7: 1 core, 4 hwthreads, OMP_NUM_THREADS 1\n"
            "rank  cpus         where\n"
            "   0  0-3,8,10-11  package 0 numa 0\n");
}

Planned on_two_hosts() {
  Planned two = plan();
  two.hosts.push_back({.name = "far", .id = "0123456789abcdef", .distance_ms = 12.4, .cores = 1, .hwthreads = 1, .threads_per_rank = 1});
  return two;
}

wire::run::PathReport some_paths() {
  wire::run::PathRow shared;
  wire::run::PathRow row;
  row.other = 1;
  row.reverse = 3;
  row.nodes = 1;
  row.round_trip_us = 20'300;
  row.nodes_round_trip_us = 41'000;
  row.linked_after_us = 1'420'000;
  row.to_other_bytes = 3u << 20;
  row.to_host_bytes = 100;
  row.to_other_bytes_per_second = 100'000'000;
  row.not_direct = "no answer in time";
  row.not_met = "of no interest: it is no better";
  return {{shared, row}, false};
}

TEST(PathsTable, saysByWhichWayAndWhyNotByABetterOne) {
  EXPECT_EQ(paths_table(on_two_hosts(), some_paths()),
            "from   to     by                      round trip  through nodes  linked after  sent      received  Mbit/s out  Mbit/s in\n"
            "node7  node7  shared memory           -           -              -             -         -         -           -\n"
            "node7  far    reverse (3 of 4 pairs)  20 ms       41 ms          1.42 s        3.00 MiB  100 B     800         -\n"
            "       not direct: no answer in time\n");
}

TEST(PathsTable, saysThatNobodyTold) { EXPECT_THAT(paths_table(on_two_hosts(), {}), testing::HasSubstr("no rank has told")); }

TEST(JsonReport, paths) {
  RunRecord r("/usr/bin/app", {"app"});
  r.on(on_two_hosts());
  EXPECT_TRUE(read(r)["paths"].is_null());
  r.on(some_paths());
  const Json paths = read(r)["paths"];
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[0]["by"], "memory");
  EXPECT_TRUE(paths[0]["round_trip_ms"].is_null());
  EXPECT_EQ(paths[1], Json::parse(R"({"from": "node7", "to": "far", "by": "reverse",
      "pairs": {"direct": 0, "reverse": 3, "meet": 0, "nodes": 1}, "round_trip_ms": 20.3, "nodes_round_trip_ms": 41.0,
      "linked_after_seconds": 1.42, "sent_bytes": 3145728, "received_bytes": 100, "by_nodes_bytes": 0,
      "send_mbit_per_second": 800.0, "receive_mbit_per_second": null,
      "why_not": {"direct": "no answer in time", "reverse": null, "meet": "of no interest: it is no better"}})"));
}

}  // namespace
}  // namespace zel::zrun
