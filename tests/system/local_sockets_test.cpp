// What programs of the same user do to the sockets of a running node: nonsense, silence, halves, and dying at the
// wrong moment. And a node that is started again where another died.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>

#include "base/unique_fd.hpp"
#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

base::UniqueFd connect_to(const std::string& path) {
  base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, path.c_str(), std::min(path.size() + 1, sizeof to.sun_path));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  return fd;
}

bool say(const base::UniqueFd& to, const std::string& text) {
  return ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

/// True when the other end closed it, whatever it said before.
bool is_closed(const base::UniqueFd& fd) {
  char some[4096];
  const ssize_t got = ::recv(fd.get(), some, sizeof some, MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

struct LocalSockets : ::testing::TestWithParam<const char*> {
  NodeGroup nodes{2};

  std::string path() const { return nodes.directory(0) + "/" + GetParam(); }
  void SetUp() override {
    ASSERT_TRUE(nodes.started()) << nodes.log(0);
    ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  }
  void expect_served() {
    EXPECT_TRUE(nodes.ask(0, "status").is_object());
    const auto job = nodes.zrun(0, {"-n", "2", "true"});
    EXPECT_EQ(job.status, 0) << job.err;
    EXPECT_TRUE(eventually([&] { return nodes.all_idle() && nodes.ask(0, "status")["jobs"] == 0; }));
  }
};

TEST_P(LocalSockets, NonsenseIsCutOff) {
  using namespace std::string_literals;
  const std::vector<std::string> nonsense{
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",  // announces 542 MB
      "\xff\xff\xff\xff and so on",
      "\x01\0\x40\0"s + "x",   // one byte more than a frame may have
      "\0\0\0\0"s,            // an empty message
      "\x05\0\0\0hello"s,
      "\x03\0\0\0\x92\x07\xc0"s,  // an alternative that there is not
  };
  for (int round = 0; round < 50; ++round) {
    for (const std::string& text : nonsense) {
      const auto fd = connect_to(path());
      ASSERT_TRUE(fd);
      say(fd, text);
      ASSERT_TRUE(eventually([&] { return is_closed(fd); })) << text;
    }
  }
  expect_served();
}

TEST_P(LocalSockets, IdleAndHalfConnectionsKeepNobodyOut) {
  std::vector<base::UniqueFd> idle, half;
  for (int i = 0; i < 200; ++i) {
    idle.push_back(connect_to(path()));
    half.push_back(connect_to(path()));
    ASSERT_TRUE(idle.back() && half.back()) << i;
    say(half.back(), std::string("\x40\0\0\0half of", 11));
  }
  expect_served();
  // Nobody keeps a connection for ever that says nothing.
  EXPECT_TRUE(eventually([&] { return is_closed(idle.back()) && is_closed(half.back()); }, 30s));
  expect_served();
}

TEST_P(LocalSockets, WhoSendsByteByByteHoldsUpNobody) {
  const auto slow = connect_to(path());
  ASSERT_TRUE(slow);
  for (const char byte : std::string("\0\0\x10\0", 4)) say(slow, std::string(1, byte));
  for (int i = 0; i < 20; ++i) {
    say(slow, "x");
    EXPECT_TRUE(nodes.ask(0, "status").is_object());
  }
  expect_served();
}
INSTANTIATE_TEST_SUITE_P(Both, LocalSockets, ::testing::Values("run.sock", "admin.sock"),
                         [](const auto& socket) { return socket.param[0] == 'r' ? "Run" : "Admin"; });

TEST(LocalNodes, ALauncherThatDiesWhileItSubmitsLeavesNothing) {
  NodeGroup nodes(2);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  for (int i = 0; i < 60; ++i) {
    const std::string mark = "ZEL_TEST_MARK=" + nodes.temporary() + std::to_string(i);
    Process::Options options;
    options.environment = {{"ZEL_TEST_MARK", nodes.temporary() + std::to_string(i)}};
    Process launcher(nodes.zrun_words(i % 2, {"-n", "2", "sleep", "1000"}), options);
    std::this_thread::sleep_for(std::chrono::microseconds(700) * i);  // some other point of its life each time
    launcher.signal(SIGKILL);
    launcher.finish(10s);
    if (i % 10 != 9) continue;
    ASSERT_TRUE(eventually([&] { return nodes.all_idle(); }))
        << nodes.ask(0, "jobs").dump(1) << nodes.ask(1, "jobs").dump(1) << nodes.ask(0, "status").dump(1)
        << nodes.ask(1, "status").dump(1) << nodes.log(0) << nodes.log(1);
    EXPECT_TRUE(eventually([&] { return processes_with(mark).empty(); }));
  }
  const auto job = nodes.zrun(0, {"-n", "2", "true"});
  EXPECT_EQ(job.status, 0) << job.err;
}

TEST(LocalNodes, OneStartedWhereAnotherDiedIsTheSameNode) {
  NodeGroup nodes(3);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  const auto id = nodes.ask(2, "status")["id"];
  for (int round = 0; round < 2; ++round) {
    if (round == 0) nodes.kill(2);
    const std::string where = nodes.temporary() + "/n2";
    Process::Options options;
    options.environment = {{"XDG_RUNTIME_DIR", nodes.temporary()}, {"XDG_CONFIG_HOME", nodes.temporary()}};
    Process again({program("zeld"), "start", "--name", "n2", "--listen", "127.0.0.1:0", "--cores", "1", "--runtime-dir",
                   where, "--preset", "local", "--realm-key", nodes.temporary() + "/realm.key", "--log-file",
                   where + ".log", "--peer", nodes.address(0)},
                  options);
    ASSERT_TRUE(eventually([&] { return nodes.ask(2, "status").is_object(); })) << nodes.log(2);
    EXPECT_EQ(nodes.ask(2, "status")["id"], id);
    for (const int from : {0, 1}) {
      EXPECT_TRUE(eventually([&] { return nodes.states(from)["n2"] == "alive"; })) << nodes.log(from);
    }
    EXPECT_TRUE(eventually([&] { return nodes.states(2)["n0"] == "alive" && nodes.states(2)["n1"] == "alive"; }));
    const auto job = nodes.zrun(1, {"-n", "3", "sh", "-c", "echo $ZEL_NODE"});
    EXPECT_EQ(job.status, 0) << job.err;
    EXPECT_NE(job.out.find("n2"), std::string::npos) << job.out;
    const auto second = run({program("zeld"), "start", "--name", "n2", "--listen", "127.0.0.1:0", "--runtime-dir", where,
                             "--realm-key", nodes.temporary() + "/realm.key"});
    EXPECT_NE(second.status, 0) << "two nodes at one place";
    again.signal(round == 0 ? SIGKILL : SIGTERM);
    again.finish(20s);
  }
}

}  // namespace
}  // namespace zel::test
