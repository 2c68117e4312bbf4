// What strangers and bad members of the realm do to a node, a thousand times: it is refused and counted, the log
// does not fill, and the nodes are what they were before.
#include <gtest/gtest.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/unique_fd.hpp"
#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

constexpr int victim = 0, other = 1;

std::uint64_t resident_bytes(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t cpu_ticks(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0, system = 0;
  fields >> user >> system;
  return user + system;
}

std::uint64_t counter(const NodeGroup& nodes, int node, const std::string& name) {
  const auto status = nodes.ask(node, "status");
  return status.is_object() ? status["counters"].value(name, std::uint64_t{0}) : 0;
}

/// Three nodes, looked at before and after something is done to the first.
struct Abuse : ::testing::Test {
  NodeGroup nodes{3};
  std::uint64_t resident_before = 0;
  std::size_t lines_before = 0;
  std::chrono::steady_clock::time_point began;

  /// Without those about jobs, of which there may be as many as there are jobs.
  std::size_t log_lines() const {
    std::istringstream log(nodes.log(victim));
    std::size_t lines = 0;
    for (std::string line; std::getline(log, line);) lines += line.find(": job ") == std::string::npos ? 1u : 0u;
    return lines;
  }
  void SetUp() override {
    ASSERT_TRUE(nodes.started()) << nodes.log(0);
    ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
    ASSERT_EQ(nodes.zrun(victim, {"-n", "3", "true"}).status, 0);
    ASSERT_TRUE(eventually([&] { return nodes.all_idle(); }));
    resident_before = resident_bytes(nodes.pid(victim));
    lines_before = log_lines();
    began = std::chrono::steady_clock::now();
  }
  Finished rogue(const std::string& abuse, int count, const std::string& realm = "/realm.key") {
    return Process({program("zel_rogue"), nodes.address(victim), nodes.temporary() + realm, abuse,
                    std::to_string(count)})
        .finish(60s);
  }
  base::UniqueFd tcp() const {
    const std::string address = nodes.address(victim);
    base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
    return fd;
  }
  void expect_unharmed(std::uint64_t growth_bytes = 8u << 20) {
    EXPECT_TRUE(eventually([&] { return nodes.all_see_all(); })) << nodes.ask(victim, "nodes").dump(1);
    EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << nodes.ask(victim, "status").dump(1);
    EXPECT_TRUE(eventually([&] { return nodes.ask(victim, "status")["jobs"] == 0; }));
    const auto job = nodes.zrun(victim, {"-n", "3", "sh", "-c", "echo $ZEL_NODE"});
    EXPECT_EQ(job.status, 0) << job.err;
    for (const char* name : {"n0", "n1", "n2"}) EXPECT_NE(job.out.find(name), std::string::npos) << job.out;
    EXPECT_EQ(nodes.zrun(other, {"-n", "3", "true"}).status, 0);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began);
    const std::size_t allowed = 10 + 4 * static_cast<std::size_t>(seconds.count() + 1);
    EXPECT_LE(log_lines() - lines_before, allowed) << nodes.log(victim);
    EXPECT_LE(resident_bytes(nodes.pid(victim)), resident_before + growth_bytes);
    EXPECT_TRUE(eventually([&] {
      const auto before = cpu_ticks(nodes.pid(victim));
      std::this_thread::sleep_for(500ms);
      return cpu_ticks(nodes.pid(victim)) - before <= 5;
    })) << "it never came to rest";
  }
};

struct Row {
  const char* abuse;
  int count;
  const char* counter;  // of the node at `counted_at`, that grows
  std::uint64_t at_least;
  const char* answer = "";  // that the rogue got
  int counted_at = victim;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.abuse; }

struct ByMember : Abuse, ::testing::WithParamInterface<Row> {};

TEST_P(ByMember, IsRefusedAndCountedAndChangesNothing) {
  const Row& row = GetParam();
  const auto before = counter(nodes, row.counted_at, row.counter);
  const auto done = rogue(row.abuse, row.count);
  EXPECT_EQ(done.status, 0) << done.err << nodes.log(victim);
  EXPECT_NE(done.out.find(row.answer), std::string::npos) << done.out;
  EXPECT_EQ(done.out.find("\ngranted"), std::string::npos) << done.out;
  EXPECT_EQ(done.out.find("\nprepared"), std::string::npos) << done.out;
  if (*row.counter) {
    EXPECT_TRUE(eventually([&] { return counter(nodes, row.counted_at, row.counter) >= before + row.at_least; }))
        << nodes.ask(row.counted_at, "status").dump(1);
  }
  expect_unharmed();
}

INSTANTIATE_TEST_SUITE_P(
    All, ByMember,
    ::testing::Values(Row{"version", 1000, "links_wrong_version", 1000},
                      Row{"out-of-turn", 1000, "links_unknown_link", 500},
                      Row{"garbage", 1000, "links_senseless", 1000},
                      Row{"truncated", 1000, "links_senseless", 1000},
                      Row{"coordinates", 1000, "links_senseless", 1000},
                      Row{"incarnation", 1000, "links_senseless", 1000},
                      Row{"own-id", 1000, "rumours refuted", 1},
                      Row{"other-self", 1000, "overlay messages of another's", 1000},
                      Row{"dead-rumours", 1000, "rumours refuted", 1},
                      Row{"unasked-offer", 1000, "stray schedule messages", 1000},
                      Row{"anothers-claim", 1000, "claims refused", 1000, "not granted: 1000"},
                      Row{"hops", 1000, "links_senseless", 1000},
                      Row{"other-seeker", 1000, "links_senseless", 1000},
                      Row{"forged-origin", 1000, "stray schedule messages", 1, "", other},
                      Row{"searches", 5000, "requests refused", 4000},
                      Row{"segments", 1000, "job segments refused", 1000},
                      Row{"prepare", 1000, "", 0, "reset"},
                      Row{"others-prepare", 1000, "job segments refused", 1000}),
    [](const auto& row) {
      std::string name;
      bool capital = true;
      for (const char c : std::string(row.param.abuse)) {
        if (c != '-') name += capital ? static_cast<char>(std::toupper(c)) : c;
        capital = c == '-';
      }
      return name;
    });

TEST_F(Abuse, OversizedMessagesCutTheConnection) {
  const auto done = rogue("oversized", 20);
  EXPECT_EQ(done.status, 0) << done.err;
  expect_unharmed();
}

TEST_F(Abuse, AnotherRealmIsNotHeard) {
  const auto before = counter(nodes, victim, "links_foreign_peer");
  const auto done = rogue("another-realm", 5, "/other.key");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_GT(counter(nodes, victim, "links_foreign_peer"), before);
  expect_unharmed();
}

TEST_F(Abuse, MembersThatNeverGreetAreBounded) {
  const auto done = rogue("never-greets", 300);
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_GT(counter(nodes, victim, "links_foreign_peer"), 0u);
  expect_unharmed(24u << 20);  // as many as may wait cost ZeroMQ 32 KiB each
}

TEST_F(Abuse, TwoThousandSilentConnectionsLeaveRoomForTheNodesOwn) {
  const rlimit few{512, 512};
  ASSERT_EQ(::prlimit(nodes.pid(victim), RLIMIT_NOFILE, &few, nullptr), 0);
  rlimit many{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &many), 0);
  many.rlim_cur = std::min<rlim_t>(many.rlim_max, 4096);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &many), 0);
  if (many.rlim_cur < 2500) GTEST_SKIP() << "the limit on open files is too low here";
  std::vector<base::UniqueFd> silent;
  for (int i = 0; i < 2000; ++i) silent.push_back(tcp());
  const auto open_files = [&] {
    std::filesystem::directory_iterator files("/proc/" + std::to_string(nodes.pid(victim)) + "/fd");
    return std::distance(begin(files), end(files));
  };
  // Before the handshake's time is over for any of them.
  EXPECT_TRUE(eventually([&] { return open_files() < 400; }, 3s)) << open_files();
  for (int i = 0; i < 5; ++i) {
    const auto job = nodes.zrun(victim, {"-n", "3", "true"});
    EXPECT_EQ(job.status, 0) << job.err << nodes.log(victim);
  }
  EXPECT_GT(counter(nodes, victim, "links_foreign_peer"), 1000u) << nodes.ask(victim, "status").dump(1);
  EXPECT_EQ(counter(nodes, victim, "links_broken"), 0u) << nodes.log(victim);
  EXPECT_TRUE(nodes.all_see_all());
  silent.clear();
  expect_unharmed();
}

TEST_F(Abuse, AStoppedPeerCostsNothing) {
  nodes.signal(2, SIGSTOP);
  for (int i = 0; i < 20; ++i) {
    const auto job = nodes.zrun(victim, {"-n", "2", "true"});
    EXPECT_EQ(job.status, 0) << job.err;
  }
  EXPECT_LE(resident_bytes(nodes.pid(victim)), resident_before + (8u << 20));
  nodes.signal(2, SIGCONT);
  expect_unharmed();
}

TEST_F(Abuse, StrangersOnTheSocketAreCounted) {
  std::string greeting("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE", 17);
  greeting.resize(64);
  const std::vector<std::string> openings{
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      std::string(50'000, '\xa5'),
      std::string("\xff\0\0\0\0\0\0\0\x01\x7f", 10),              // half a ZMTP greeting
      greeting + std::string("\x06\0\0\0\0\x40\0\0\0HELLO", 14),  // a command of 1 GiB is announced
      greeting + std::string("\x02\0\0\0\0\x40\0\0\0HELLO", 14),  // and a message
      std::string("\x01\0\0\0\0\x40\0\0\0", 9),                   // ZMTP 1.0
  };
  const auto before = counter(nodes, victim, "links_foreign_peer");
  int made = 0;
  for (int i = 0; i < 600; ++i) {
    const base::UniqueFd peer = tcp();
    if (!peer) continue;
    const std::string& opening = openings[static_cast<std::size_t>(i) % openings.size()];
    ::send(peer.get(), opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ++made;
  }
  EXPECT_GT(made, 500);
  EXPECT_TRUE(eventually([&] { return counter(nodes, victim, "links_foreign_peer") >= before + 500; }));
  expect_unharmed();
}

}  // namespace
}  // namespace zel::test
