// Why: scripts read the JSON and people read the tables; both are looked at here, whole.
#include "daemon/cli/render.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/cli/text_table.hpp"

namespace zel::cli {
namespace {

const wire::admin::Nodes nodes{{{"6018b38ec7aaaaaa", "near", {{"127.0.0.1", 7411}}, 0, 2, 2, "self"},
                                {"0123456789abcdef", "far-away", {{"fd00::7", 1}, {"10.0.0.7", 1}}, 104.2, 0, 64, "suspect"},
                                {"abcdefabcdefabcd", "unknown", {}, -1, 0, 4, "dead"}}};

TEST(Render, NodesAreATable) {
  EXPECT_EQ(nodes_text(nodes),
            "ID          NAME      ADDRESS         DISTANCE  CORES FREE  STATE\n"
            "6018b38ec7  near      127.0.0.1:7411  0.00 ms   2/2         self\n"
            "0123456789  far-away  [fd00::7]:1     104 ms    0/64        suspect\n"
            "abcdefabcd  unknown   -               -         0/4         dead\n");
}

TEST(Render, NodesAreJson) {
  const auto json = nlohmann::json::parse(nodes_json(nodes));
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["nodes"][1]["addresses"], (std::vector<std::string>{"[fd00::7]:1", "10.0.0.7:1"}));
  EXPECT_EQ(json["nodes"][1]["distance_ms"], 104.2);
  EXPECT_TRUE(json["nodes"][2]["distance_ms"].is_null());
}

TEST(Render, NoJobsIsSaidInWords) {
  EXPECT_EQ(jobs_text({}), "no jobs\n");
  EXPECT_EQ(nlohmann::json::parse(jobs_json({}))["jobs"], nlohmann::json::array());
}

TEST(Render, CountersThatAreZeroAreForProgramsOnly) {
  wire::admin::Status status;
  status.counters = {{"strangers", 0}, {"garbage", 3}};
  EXPECT_EQ(status_text(status).find("strangers"), std::string::npos);
  EXPECT_NE(status_text(status).find("garbage  3"), std::string::npos) << status_text(status);
  EXPECT_EQ(nlohmann::json::parse(status_json(status))["counters"]["strangers"], 0);
}

TEST(Render, Durations) {
  EXPECT_EQ(duration_text(300), "0.3 s");
  EXPECT_EQ(duration_text(12'000), "12 s");
  EXPECT_EQ(duration_text(600'000), "10 min");
  EXPECT_EQ(duration_text(3 * 3'600'000 + 300'000), "3 h 5 min");
  EXPECT_EQ(duration_text(100ull * 3'600'000), "4 d 4 h");
}

}  // namespace
}  // namespace zel::cli
