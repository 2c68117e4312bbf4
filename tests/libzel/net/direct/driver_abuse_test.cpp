// Why: a rank listens on the network of its node. Whatever strangers and members with a key send there is refused, and
// those who mean well get through as before.
#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cstring>

#include "base/unique_fd.hpp"
#include "driver_ends.hpp"

namespace zel::net {
namespace {

/// A ZeroMQ socket that is no driver's.
class RawPeer {
 public:
  RawPeer() : context_(zmq_ctx_new()), socket_(zmq_socket(context_, ZMQ_DEALER)) {
    const int none = 0;
    zmq_setsockopt(socket_, ZMQ_LINGER, &none, sizeof none);
    const int once = -1;
    zmq_setsockopt(socket_, ZMQ_RECONNECT_IVL, &once, sizeof once);
    zmq_socket_monitor(socket_, "inproc://watch", ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    monitor_ = zmq_socket(context_, ZMQ_PAIR);
    zmq_connect(monitor_, "inproc://watch");
  }
  ~RawPeer() {
    zmq_socket_monitor(socket_, nullptr, 0);
    zmq_close(monitor_);
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void set(int option, const void* value, std::size_t bytes) { ASSERT_EQ(zmq_setsockopt(socket_, option, value, bytes), 0); }
  /// With a key of its own, which this returns.
  wire::paths::Key use_curve(const LinkDriver& to) {
    std::array<char, 41> own{}, secret{};
    zmq_curve_keypair(own.data(), secret.data());
    set(ZMQ_CURVE_PUBLICKEY, own.data(), own.size());
    set(ZMQ_CURVE_SECRETKEY, secret.data(), secret.size());
    set(ZMQ_CURVE_SERVERKEY, to.key().data(), to.key().size());
    wire::paths::Key key{};
    zmq_z85_decode(key.data(), own.data());
    return key;
  }
  void connect(std::uint16_t port) {
    ASSERT_EQ(zmq_connect(socket_, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()), 0);
  }
  void send(std::string_view bytes, bool more = false) { zmq_send(socket_, bytes.data(), bytes.size(), more ? ZMQ_SNDMORE : 0); }
  bool disconnected() { return saw(ZMQ_EVENT_DISCONNECTED); }
  bool shook_hands() { return saw(ZMQ_EVENT_HANDSHAKE_SUCCEEDED); }

 private:
  bool saw(int kind) {
    std::array<char, 256> part{};
    while (zmq_recv(monitor_, part.data(), part.size(), ZMQ_DONTWAIT) >= 2) {
      std::uint16_t event = 0;
      std::memcpy(&event, part.data(), sizeof event);
      seen_ |= event;
      zmq_recv(monitor_, part.data(), part.size(), 0);  // the address
    }
    return (seen_ & kind) != 0;
  }

  void* context_;
  void* socket_;
  void* monitor_ = nullptr;
  int seen_ = 0;
};

base::UniqueFd tcp_to(std::uint16_t port) {
  base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return {};
  return fd;
}

/// The other end is gone; what it said before is not looked at.
bool ended(const base::UniqueFd& fd) {
  std::array<char, 512> read{};
  for (;;) {
    const auto got = ::recv(fd.get(), read.data(), read.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return true;
    if (got < 0) return false;
  }
}

struct DriverAbuse : ::testing::Test {
  DriverEnd a, friendly;

  void SetUp() override { a.driver->admit(1, friendly.driver->key()); }
  void expect_unharmed(std::size_t heard_before = 0) {
    EXPECT_EQ(a.heard.size(), heard_before);
    EXPECT_TRUE(gets_through(friendly, a, 1));
  }
};

TEST_F(DriverAbuse, NoMechanismButCurveIsHeard) {
  RawPeer none;
  none.connect(a.driver->port());
  none.send("hello");
  RawPeer plain;
  plain.set(ZMQ_PLAIN_USERNAME, "1", 1);
  plain.set(ZMQ_PLAIN_PASSWORD, "1", 1);
  plain.connect(a.driver->port());
  plain.send("hello");
  EXPECT_TRUE(until({&a}, [&] { return none.disconnected() && plain.disconnected(); }));
  EXPECT_FALSE(none.shook_hands() || plain.shook_hands());
  expect_unharmed();
}

TEST_F(DriverAbuse, AFrameOverTheLimitEndsTheConnection) {
  RawPeer large;
  a.driver->admit(2, large.use_curve(*a.driver));
  large.connect(a.driver->port());
  large.send("small");
  ASSERT_TRUE(until({&a}, [&] { return a.heard.size() == 1; }));
  large.send(std::string(1u << 20, 'x'));
  large.send("after it");
  EXPECT_TRUE(until({&a}, [&] { return large.disconnected(); }));
  expect_unharmed(1);
}

TEST_F(DriverAbuse, AMessageOfSeveralPartsIsNone) {
  RawPeer several;
  a.driver->admit(2, several.use_curve(*a.driver));
  several.connect(a.driver->port());
  several.send("one", true);
  several.send("two");
  several.send("alone");
  ASSERT_TRUE(until({&a}, [&] { return !a.heard.empty(); }));
  EXPECT_EQ(a.heard.front(), std::pair(2, text("alone")));
  expect_unharmed(1);
}

TEST_F(DriverAbuse, GarbageOnTheSocketIsRefused) {
  std::string greeting("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE", 17);
  greeting.resize(64);
  std::string null_greeting("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL", 16);
  null_greeting.resize(64);
  const std::vector<std::string> openings{
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      std::string(50'000, '\xa5'),
      greeting + std::string("\x06\0\0\0\0\x40\0\0\0HELLO", 14),   // a command of 1 GiB is announced
      greeting + std::string("\x02\0\0\0\0\x40\0\0\0HELLO", 14),   // and a message
      greeting + std::string("\x04\x0aHELLO", 7) + std::string(8, 'x'),
      null_greeting + std::string("\x04\x06\x05READY", 8),
      std::string("\x01\0\0\0\0\x40\0\0\0", 9),                    // ZMTP 1.0
  };
  std::vector<base::UniqueFd> strangers;
  for (int i = 0; i < 70; ++i) {
    strangers.push_back(tcp_to(a.driver->port()));
    ASSERT_TRUE(strangers.back());
    const std::string& opening = openings[static_cast<std::size_t>(i) % openings.size()];
    ::send(strangers.back().get(), opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  EXPECT_TRUE(until({&a}, [&] { return std::all_of(strangers.begin(), strangers.end(), ended); }));
  expect_unharmed();
}

std::size_t open_files() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (folder && ::readdir(folder)) ++count;
  if (folder) ::closedir(folder);
  return count;
}

TEST_F(DriverAbuse, SilentConnectionsDoNotUseUpTheDescriptors) {
  const std::size_t before = open_files();
  std::vector<base::UniqueFd> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(tcp_to(a.driver->port()));
  EXPECT_TRUE(until({&a}, [&] { return std::count_if(silent.begin(), silent.end(), ended) >= 200; }));
  EXPECT_TRUE(until({&a}, [&] { return open_files() < before + silent.size() + 100; })) << open_files() - before;
  expect_unharmed();
}

}  // namespace
}  // namespace zel::net
