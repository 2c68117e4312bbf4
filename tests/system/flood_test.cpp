// Why: a rank that takes nothing makes its sender wait; it must not make the sender, itself, or a node or relay between
// them keep what cannot be taken. Real programs; what they use at most is what the kernel counted.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

constexpr std::size_t mib = 1u << 20;

// What may be on the way from one rank to another (docs/protocol/member.md, paths.md), each held once by the sender until
// it is acknowledged and once by the receiver; and what a node needs to carry as much, whatever the allocator keeps.
constexpr std::size_t post_window_bytes = 128u << 10;
constexpr std::size_t stream_window_bytes = 4 * mib;
constexpr std::size_t message_bytes = 64u << 10;
constexpr std::size_t slack_bytes = 6 * mib;

std::size_t status_bytes(pid_t pid, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; file >> word;) {
    std::size_t kib = 0;
    if (word == name + ":" && file >> kib) return kib << 10;
  }
  return 0;
}

/// A process, and by how much it grew since.
struct Watched {
  std::string name;
  pid_t pid;
  std::size_t before = 0;

  void begin() {
    before = status_bytes(pid, "VmRSS");
    std::ofstream("/proc/" + std::to_string(pid) + "/clear_refs") << "5";  // the peak begins anew
  }
  std::size_t grown() const {
    const std::size_t most = status_bytes(pid, "VmHWM");
    return most > before ? most - before : 0;
  }
};

int last_number(const std::string& output, const std::string& before) {
  const auto at = output.rfind(before);
  return at == std::string::npos ? 0 : std::atoi(output.c_str() + at + before.size());
}

struct Way {
  const char* name;
  bool through_relay;
  bool linked;
  std::size_t window_bytes;
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

struct Flood : ::testing::TestWithParam<Way> {};

TEST_P(Flood, LeavesTheMemoryOfAllOnTheWayBounded) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer keeps what was freed";
#endif
  const Way& way = GetParam();
  NodeGroup nodes(way.through_relay ? 1 : 2);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  int from = 0, to = 1;
  if (way.through_relay) {
    ASSERT_TRUE(nodes.add_shut() && nodes.add_shut()) << nodes.log(1);
    from = 1, to = 2;
    const auto attached = [&](int node) {
      const auto paths = nodes.ask(node, "paths");
      return paths.is_object() && paths["relays"].size() == 1;
    };
    ASSERT_TRUE(eventually([&] { return attached(1) && attached(2); }));
  }
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));

  Process::Options options;
  options.keep_stdin_open = true;
  if (!way.linked) options.environment = {{"ZEL_PATHS", "nodes"}};
  const std::string hosts = "n" + std::to_string(from) + ",n" + std::to_string(to);
  std::vector<std::string> words{"-n", "2", "--host", hosts, "--stdin", "1", program("flood_probe")};
  if (way.linked) words.push_back("linked");
  Process job(nodes.zrun_words(from, words), options);
  ASSERT_TRUE(job.wait_for_output("0: pid ") && job.wait_for_output("1: pid ") && job.wait_for_output("\n"));
  std::vector<Watched> all{{"rank 0", last_number(job.output(), "0: pid ")}, {"rank 1", last_number(job.output(), "1: pid ")}};
  for (int node = 0; node < nodes.size(); ++node) all.push_back({"n" + std::to_string(node), nodes.pid(node)});
  for (Watched& each : all) each.begin();

  job.write("go\n");
  // The sender comes to rest when the windows are full.
  int sent = -1;
  EXPECT_TRUE(eventually([&] {
    job.wait_for_output("never said", 1500ms);
    return std::exchange(sent, last_number(job.output(), "0: sent ")) == sent && sent > 0;
  }, 60s));
  EXPECT_LE(static_cast<std::size_t>(sent) * message_bytes, way.window_bytes + message_bytes) << "more was sent than there is room for";
  job.write("slowly\n");
  EXPECT_TRUE(job.wait_for_output("1: took 128", 60s)) << job.output();
  for (const Watched& each : all) {
    const std::size_t grown = each.grown();
    std::printf("%s, %s: grew by %.1f MiB\n", way.name, each.name.c_str(), static_cast<double>(grown) / mib);
    EXPECT_LE(grown, 2 * way.window_bytes + slack_bytes) << each.name;
  }
  job.write("rest\n");
  const auto done = job.finish(60s);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("1: took 1024"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Ways, Flood,
                         ::testing::Values(Way{"Posts", false, false, post_window_bytes}, Way{"Relay", true, false, post_window_bytes},
                                           Way{"Link", false, true, stream_window_bytes}),
                         [](const auto& way) { return std::string(way.param.name); });

}  // namespace
}  // namespace zel::test
