// Real nodes that listen nowhere, and ordinary ones through which they are reached.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

nlohmann::json path_to(const NodeGroup& nodes, int from, const std::string& name) {
  const auto paths = nodes.ask(from, "paths");
  if (!paths.is_object()) return {};
  for (const auto& path : paths["paths"]) {
    if (path["name"] == name) return path;
  }
  return {};
}

bool has_relays(const NodeGroup& nodes, int node, std::size_t count) {
  const auto paths = nodes.ask(node, "paths");
  return paths.is_object() && paths["relays"].size() == count;
}

TEST(Relay, AJobRunsOnTwoNodesThatListenNowhere) {
  NodeGroup nodes(1);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(nodes.add_shut() && nodes.add_shut()) << nodes.log(1);
  ASSERT_TRUE(eventually([&] { return has_relays(nodes, 1, 1) && has_relays(nodes, 2, 1) && nodes.all_see_all(); }));
  const auto done = nodes.zrun(1, {"-n", "2", "--host", "n1,n2", "sh", "-c", "echo $ZEL_RANK on $ZEL_NODE"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("on n1"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("on n2"), std::string::npos) << done.out;
  const auto path = path_to(nodes, 1, "n2");
  ASSERT_TRUE(path.is_object());
  EXPECT_EQ(path["rung"], "relay");
  EXPECT_EQ(path["relay"], "n0");
  EXPECT_EQ(path["not_direct"], "it listens nowhere");
  const auto computed = nodes.zrun(1, {"-n", "2", "--host", "n1,n2", program("zel_probe"), "compute"});
  EXPECT_EQ(computed.status, 0) << computed.err;
  EXPECT_NE(computed.out.find("0: 2178309 6765"), std::string::npos) << computed.out;
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

TEST(Relay, AStreamArrivesWholeThoughItsRelayIsKilled) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(nodes.add_shut() && nodes.add_shut()) << nodes.log(3);
  ASSERT_TRUE(eventually([&] { return has_relays(nodes, 3, 2) && has_relays(nodes, 4, 2) && nodes.all_see_all(); }));
  // 64 MiB of numbered lines out of n4, and its relay dies when the first of them are there.
  Process job(nodes.zrun_words(3, {"-n", "1", "--host", "n4", "sh", "-c", "echo up; sleep 1; seq 1 8000000"}));
  ASSERT_TRUE(job.wait_for_output("up\n"));
  ASSERT_TRUE(job.wait_for_output("\n1000\n"));
  const auto path = path_to(nodes, 4, "n3");
  ASSERT_TRUE(path.is_object());
  ASSERT_EQ(path["rung"], "relay");
  nodes.kill(path["relay"].get<std::string>().back() - '0');
  const auto done = job.finish(100s);
  EXPECT_EQ(done.status, 0) << done.err;
  const std::string expected = "up\n" + run({"seq", "1", "8000000"}).out;
  EXPECT_EQ(done.out.size(), expected.size());
  EXPECT_TRUE(done.out == expected) << "not whole or not in order";
}

}  // namespace
}  // namespace zel::test
