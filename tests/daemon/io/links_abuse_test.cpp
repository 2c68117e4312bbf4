#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <zmq.hpp>

#include "base/unique_fd.hpp"
#include "links_fixture.hpp"
#include "wire/link.hpp"

namespace zel::io {
namespace {

using namespace wire::link;

struct LinksAbuse : ::testing::Test {
  EventLoop loop;
  RealmKey realm = new_realm_key();
  LinkLimits limits = [] {
    LinkLimits quick;
    quick.handshake = std::chrono::milliseconds(200);
    quick.first_redial = quick.last_redial = {};
    return quick;
  }();
  LinkedNode victim{loop, realm, limits};
  LinkedNode friendly{loop, realm, limits};
  LinksAbuse() { victim.listen(); }

  base::UniqueFd tcp() const { return tcp(victim); }
  static base::UniqueFd tcp(const LinkedNode& node) {
    base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(node.addresses.front().port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    return fd;
  }
  void expect_served() {
    static int number = 0;
    const std::string text = "still there? " + std::to_string(number++);
    friendly.send(victim, text);
    ASSERT_TRUE(run_until(loop, [&] { return victim.heard_from(friendly, text); }));
    victim.send(friendly, text);
    ASSERT_TRUE(run_until(loop, [&] { return friendly.heard_from(victim, text); }));
    EXPECT_EQ(victim.links->open_links(), 1u);
  }
};

TEST_F(LinksAbuse, StrangersOnTheSocketAreCountedAndChangeNothing) {
  std::string greeting("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE", 17);
  greeting.resize(64);
  const std::vector<std::string> openings{
      "",  // says nothing
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      std::string(100000, '\xa5'),
      std::string("\xff\0\0\0\0\0\0\0\x01\x7f", 10),              // ZMTP, and then nothing
      greeting + std::string("\x06\0\0\0\0\x40\0\0\0HELLO", 14),  // a command of 1 GiB is announced
      greeting + std::string("\x02\0\0\0\0\x40\0\0\0HELLO", 14),  // a message of 1 GiB before the handshake
      std::string("\x01\0\0\0\0\x40\0\0\0", 9),                   // ZMTP 1.0
  };
  std::uint64_t expected = 0;
  for (const std::string& opening : openings) {
    const base::UniqueFd peer = tcp();
    ::send(peer.get(), opening.data(), opening.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ++expected;
    ASSERT_TRUE(run_until(loop, [&] { return victim.count(LinkCount::foreign_peer) >= expected; }))
        << opening.size();
    expect_served();
  }
  EXPECT_EQ(victim.heard_count, openings.size());
  EXPECT_LE(victim.logged.size(), 8u) << "at most one line a second";
  EXPECT_GE(victim.logged.size(), 1u);
}

TEST_F(LinksAbuse, ConnectionsThatNeverGreetAreBoundedInNumber) {
  LinkLimits few;
  few.arrivals = 10;
  few.handshake = std::chrono::hours(1);
  LinkedNode small(loop, realm, few);
  small.listen();
  friendly.send(small, "before");
  ASSERT_TRUE(run_until(loop, [&] { return small.heard_from(friendly, "before"); }));
  std::vector<base::UniqueFd> silent;
  for (int i = 0; i < 200; ++i) silent.push_back(tcp(small));
  ASSERT_TRUE(run_until(loop, [&] { return small.count(LinkCount::foreign_peer) == 190; }));
  EXPECT_EQ(small.links->open_links(), 1u) << "those who greeted stay";
  LinkedNode late(loop, realm, few);
  late.send(small, "after");
  EXPECT_TRUE(run_until(loop, [&] { return small.heard_from(late, "after"); }));
  friendly.send(small, "after");
  EXPECT_TRUE(run_until(loop, [&] { return small.heard_from(friendly, "after"); }));
  EXPECT_EQ(friendly.count(LinkCount::broken), 0u);
}

TEST_F(LinksAbuse, AnotherRealmIsNotHeard) {
  LinkedNode foreign(loop, new_realm_key());
  foreign.links->send(victim.record(), bytes_of("let me in"), Delivery::must_arrive);
  ASSERT_TRUE(run_until(loop, [&] { return foreign.told_unreachable(victim); }));
  EXPECT_GE(victim.count(LinkCount::foreign_peer), 1u);
  EXPECT_TRUE(victim.heard.empty());
  EXPECT_EQ(victim.links->open_links(), 0u);
  expect_served();
}

/// One that has the realm's key and speaks ZMTP, but not our way.
struct Insider : LinksAbuse {
  zmq::context_t context{1};
  LinkKeys keys = new_link_keys();
  zmq::socket_t socket{context, ZMQ_DEALER};

  Insider() { connect(socket, keys); }
  void connect(zmq::socket_t& from, const LinkKeys& own) const {
    const LinkKeys answering = answering_keys(realm);
    from.set(zmq::sockopt::linger, 0);
    from.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(answering.id.bytes.data(), 32));
    from.set(zmq::sockopt::curve_publickey, zmq::const_buffer(own.id.bytes.data(), 32));
    from.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(own.secret.data(), 32));
    std::string endpoint = "tcp://127.0.0.1:";
    endpoint += std::to_string(victim.addresses.front().port);
    from.connect(endpoint);
  }
  void say(const base::Bytes& bytes) {
    socket.send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::none);
  }
  void say(const Control& control) { say(encode(control)); }
  std::optional<Control> answer() {
    zmq::message_t message;
    const bool came =
        run_until(loop, [&] { return socket.recv(message, zmq::recv_flags::dontwait).has_value(); });
    if (!came) return std::nullopt;
    auto frame = decode({message.data<std::byte>(), message.size()});
    if (!frame || !std::holds_alternative<Control>(*frame)) return std::nullopt;
    return std::get<Control>(*frame);
  }
  bool rejected(Reason reason) {
    const auto control = answer();
    const auto* reject = control ? std::get_if<Reject>(&*control) : nullptr;
    return reject && reject->reason == reason;
  }
};

base::Bytes payload_of(std::string_view text) {
  base::Bytes bytes = bytes_of(text);
  bytes.insert(bytes.begin(), payload_mark);
  return bytes;
}

TEST_F(Insider, WhoNeverGreetsIsCut) {
  ASSERT_TRUE(run_until(loop, [&] { return victim.count(LinkCount::foreign_peer) >= 1; }));
  expect_served();
}

TEST_F(Insider, WhoNeverSettlesIsTurnedOut) {
  ::zmq_socket_monitor(socket.handle(), "inproc://insider", ZMQ_EVENT_DISCONNECTED);
  zmq::socket_t monitor(context, ZMQ_PAIR);
  monitor.connect("inproc://insider");
  say(Hello{});
  ASSERT_TRUE(std::holds_alternative<Proof>(answer().value()));
  zmq::message_t event;
  ASSERT_TRUE(run_until(loop, [&] { return monitor.recv(event, zmq::recv_flags::dontwait).has_value(); }));
  say(Settled{});
  EXPECT_TRUE(rejected(Reason::unknown_link));
  expect_served();
}

TEST_F(Insider, WhoSettledIsLeftAlone) {
  say(Hello{});
  ASSERT_TRUE(std::holds_alternative<Proof>(answer().value()));
  say(Settled{});
  // Another, that is cut for its silence, is how this knows that the time is over.
  zmq::socket_t silent(context, ZMQ_DEALER);
  connect(silent, new_link_keys());
  ASSERT_TRUE(run_until(loop, [&] { return victim.count(LinkCount::foreign_peer) >= 1; }));
  EXPECT_TRUE(victim.links->has_link(keys.id));
  say(payload_of("still here"));
  EXPECT_TRUE(run_until(loop, [&] { return !victim.heard.empty(); }));
}

TEST_F(Insider, APayloadOnALinkThatWasNotGreetedIsRejected) {
  say(payload_of("hello"));
  EXPECT_TRUE(rejected(Reason::unknown_link));
  EXPECT_EQ(victim.count(LinkCount::unknown_link), 1u);
  say(Settled{});
  EXPECT_TRUE(rejected(Reason::unknown_link));
  say(Hello{});
  ASSERT_TRUE(std::holds_alternative<Proof>(answer().value()));
  say(payload_of("greeted, not settled"));
  EXPECT_TRUE(rejected(Reason::unknown_link));
  EXPECT_TRUE(victim.heard.empty());
  EXPECT_EQ(victim.links->open_links(), 0u);
  expect_served();
}

TEST_F(Insider, AnotherVersionIsRejected) {
  say(Hello{version + 1, {}, "from the future"});
  EXPECT_TRUE(rejected(Reason::wrong_version));
  EXPECT_EQ(victim.count(LinkCount::wrong_version), 1u);
  expect_served();
}

TEST_F(Insider, MalformedAndUnexpectedMessagesEndTheLinkAndNothingElse) {
  const std::vector<base::Bytes> nonsense{{},
                                          bytes_of("\x07"),
                                          bytes_of("hello"),
                                          base::Bytes(1000, std::byte{0}),
                                          encode(Hello{}),
                                          encode(Proof{}),
                                          encode(Nudge{}),
                                          encode(Settled{})};
  std::uint64_t expected = 0;
  for (const base::Bytes& bytes : nonsense) {
    say(Hello{});
    ASSERT_TRUE(std::holds_alternative<Proof>(answer().value()));
    say(Settled{});
    say(payload_of("good"));
    ASSERT_TRUE(run_until(loop, [&] { return !victim.heard.empty(); }));
    victim.heard.clear();
    say(bytes);
    EXPECT_TRUE(rejected(Reason::unknown_link));
    EXPECT_EQ(victim.count(LinkCount::malformed), ++expected);
    EXPECT_FALSE(victim.links->has_link(keys.id));
    expect_served();
    victim.heard.clear();
  }
}

TEST_F(Insider, AMessageBeyondTheLimitCutsTheConnection) {
  say(Hello{});
  ASSERT_TRUE(std::holds_alternative<Proof>(answer().value()));
  say(Settled{});
  ASSERT_TRUE(run_until(loop, [&] { return victim.links->has_link(keys.id); }));
  socket.set(zmq::sockopt::reconnect_ivl, -1);
  say(base::Bytes(8u << 20, payload_mark));
  ASSERT_TRUE(run_until(loop, [&] { return !victim.links->has_link(keys.id); }));
  EXPECT_TRUE(victim.heard.empty());
  expect_served();
}

/// A ROUTER with the realm's key: whoever dials it reached a member of the realm, but which?
struct Impostor : LinksAbuse {
  zmq::context_t context{1};
  zmq::socket_t socket{context, ZMQ_ROUTER};
  LinkKeys own = new_link_keys();
  std::uint16_t port = 0;

  Impostor() {
    const LinkKeys answering = answering_keys(realm);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(answering.secret.data(), 32));
    socket.bind("tcp://127.0.0.1:*");
    const std::string bound = socket.get(zmq::sockopt::last_endpoint);
    port = static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
  }
  /// Reads one message and answers it.
  bool answer(const base::Bytes& bytes) {
    zmq::message_t route, body;
    const bool came =
        run_until(loop, [&] { return socket.recv(route, zmq::recv_flags::dontwait).has_value(); });
    if (!came || !socket.recv(body)) return false;
    socket.send(route, zmq::send_flags::sndmore);
    return socket.send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::none).has_value();
  }
};

TEST_F(Impostor, AnIdThatIsNotProvedIsRefused) {
  LinkedNode wanted(loop, realm);
  wanted.addresses = {{"127.0.0.1", port}};
  Proof lie;
  lie.id = wanted.keys.id;
  const std::vector<base::Bytes> answers{encode(lie),
                                         payload_of("believe me"),
                                         encode(Settled{}),
                                         bytes_of("nonsense"),
                                         encode(Reject{Reason::wrong_version}),
                                         encode(Reject{Reason::full})};
  for (const base::Bytes& bytes : answers) {
    friendly.unreachable.clear();
    friendly.send(wanted, "secret");
    ASSERT_TRUE(answer(bytes));
    ASSERT_TRUE(run_until(loop, [&] { return friendly.told_unreachable(wanted); }));
    EXPECT_TRUE(friendly.heard.empty());
    EXPECT_EQ(friendly.links->open_links(), 0u);
  }
  EXPECT_EQ(friendly.count(LinkCount::wrong_identity), 1u);
  EXPECT_EQ(friendly.count(LinkCount::wrong_version), 1u);
  expect_served();
}

TEST_F(Impostor, OneThatNeverAnswersIsGivenUp) {
  LinkLimits hasty;
  hasty.connect = std::chrono::milliseconds(200);
  LinkedNode dialler(loop, realm, hasty), wanted(loop, realm);
  wanted.addresses = {{"127.0.0.1", port}};
  dialler.send(wanted, "secret");
  EXPECT_TRUE(run_until(loop, [&] { return dialler.told_unreachable(wanted); }));
}

TEST_F(LinksAbuse, VisitorsAreBounded) {
  LinkLimits few = limits;
  few.inbound_links = 3;
  LinkedNode small(loop, realm, few);
  small.listen();
  std::vector<std::unique_ptr<LinkedNode>> visitors;
  for (int i = 0; i < 3; ++i) {
    visitors.push_back(std::make_unique<LinkedNode>(loop, realm));
    visitors.back()->send(small, "hello");
  }
  ASSERT_TRUE(run_until(loop, [&] { return small.heard.size() == 3; }));
  LinkedNode late(loop, realm, limits);
  late.send(small, "hello");
  ASSERT_TRUE(run_until(loop, [&] { return late.told_unreachable(small); }));
  EXPECT_EQ(small.count(LinkCount::full), 1u);
  visitors.pop_back();
  ASSERT_TRUE(run_until(loop, [&] { return small.links->open_links() == 2; }));
  late.send(small, "hello again");
  EXPECT_TRUE(run_until(loop, [&] { return small.heard_from(late, "hello again"); }));
}

}  // namespace
}  // namespace zel::io
