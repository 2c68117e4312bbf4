// Why: a member of the realm that has gone bad: it has the realm's key and a link, and says what no node says.
// Usage: zel_rogue ADDRESS REALM-KEY-FILE ABUSE COUNT. It learns who is there by gossip, commits the abuse COUNT
// times against the node at ADDRESS, waits until that node has read it all, and prints what it was answered.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <zmq.hpp>

#include "base/random.hpp"
#include "daemon/io/links.hpp"
#include "wire/address.hpp"
#include "wire/link.hpp"
#include "wire/node.hpp"

namespace {

using namespace zel;
namespace wo = wire::overlay;
namespace ws = wire::schedule;
namespace wj = wire::job;

constexpr auto patience = std::chrono::seconds(20);
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float endless = std::numeric_limits<float>::infinity();

/// Runs until `done`; false when patience is over.
bool run_until(io::EventLoop& loop, const std::function<bool()>& done) {
  const base::Time deadline = loop.now() + patience;
  bool good = false;
  std::function<void()> look = [&] {
    good = done();
    if (good || loop.now() >= deadline) return loop.stop();
    loop.set_alarm(loop.now() + std::chrono::milliseconds(2), look);
  };
  loop.set_alarm(loop.now(), look);
  loop.run();
  loop.set_alarm(base::never, {});
  return good;
}

struct Rogue final : io::LinkEvents {
  io::EventLoop& loop;
  io::LinkKeys keys = io::new_link_keys();
  wo::PeerRecord self;
  wo::Address door;
  wo::PeerRecord victim, other;  // nobody until they are known
  std::uint64_t acked = 0;
  std::vector<ws::Offer> offers;
  std::map<std::string, int> answers;
  bool unreachable = false;
  io::Links links;

  Rogue(io::EventLoop& on, const io::RealmKey& realm, const wo::Address& address)
      : loop(on), door(address), links(on, {keys, realm, "rogue", {}, {}}, *this) {
    self.id = keys.id;
    self.incarnation = 1;
    self.name = "rogue";
  }

  bool on_link_message(const base::NodeId& from, base::ByteView payload) override {
    const auto message = wire::node::decode(payload);
    if (!message) return false;
    if (const auto* gossip = std::get_if<wo::Message>(&*message)) {
      if (const auto* reply = std::get_if<wo::GossipReply>(gossip)) learn(from, reply->records);
      if (const auto* ack = std::get_if<wo::Ack>(gossip)) acked = std::max(acked, ack->sequence);
    } else if (const auto* schedule = std::get_if<ws::Message>(&*message)) {
      if (const auto* offer = std::get_if<ws::Offer>(schedule)) offers.push_back(*offer);
      if (const auto* claimed = std::get_if<ws::Claimed>(schedule)) {
        ++answers[claimed->granted ? "granted" : "not granted"];
      }
    } else {
      hear(std::get<wj::Segment>(*message));
    }
    return true;
  }
  void on_unreachable(const base::NodeId&, const std::string&) override { unreachable = true; }

  void learn(const base::NodeId& from, const std::vector<wo::PeerRecord>& records) {
    for (const auto& record : records) {
      if (record.id == from) {
        victim = record;
      } else if (record.name != self.name && (other.id.is_nobody() || record.name < other.name)) {
        other = record;
      }
    }
  }
  void hear(const wj::Segment& segment) {
    if (segment.kind == wj::SegmentKind::reset) ++answers["reset"];
    if (segment.kind != wj::SegmentKind::data) return;
    const auto said = wj::decode_to_primary(segment.payload);
    if (said && std::holds_alternative<wj::PrepareFailed>(*said)) ++answers["prepare failed"];
    if (said && std::holds_alternative<wj::Prepared>(*said)) ++answers["prepared"];
  }
  void say(base::Bytes payload) { links.send(victim, std::move(payload), io::Delivery::must_arrive); }
  template <class Message>
  void say(const Message& message) {
    if constexpr (std::is_constructible_v<wo::Message, Message>) {
      say(wire::node::encode(wo::Message(message)));
    } else if constexpr (std::is_constructible_v<ws::Message, Message>) {
      say(wire::node::encode(ws::Message(message)));
    } else {
      say(wire::node::encode(message));
    }
  }

  bool meet() {
    base::Time next{};
    return run_until(loop, [&] {
      if (!victim.id.is_nobody() && !other.id.is_nobody()) return true;
      if (loop.now() >= next) {
        ++self.version;
        links.send(door, wire::node::encode(wo::Message(wo::GossipRequest{{self}, {}})));
        next = loop.now() + std::chrono::milliseconds(300);
      }
      return false;
    });
  }
  /// Links keep order: what answers this has read everything before.
  bool all_read() {
    const std::uint64_t sequence = acked + 1;
    say(wo::Ping{sequence, self, {}, false});
    return run_until(loop, [&] { return acked >= sequence; });
  }
  void leave() {
    say(wo::Ping{acked + 1, self, {{wo::RumourKind::left, self.id, self.incarnation, self.id, {}}}, false});
    all_read();
  }
};

base::Bytes some_bytes(base::Random& random) {
  base::Bytes bytes(1 + random.below(200));
  for (auto& byte : bytes) byte = static_cast<std::byte>(random.below(256));
  bytes.front() = static_cast<std::byte>(random.below(5));  // often one of our protocols
  return bytes;
}

ws::Request request_of(const wo::PeerRecord& seeker, std::uint64_t number) {
  ws::Request request;
  request.search = {seeker.id, number};
  request.seeker = seeker;
  request.metric = ws::Metric::hops;
  request.hops_left = 1;
  return request;
}

wj::Segment prepare_of(const wo::PeerRecord& primary, std::uint64_t number) {
  wj::Prepare prepare;
  prepare.job = "stolen";
  prepare.primary = primary;
  prepare.lease = number + 12345;
  prepare.cores = 1;
  prepare.ranks = {0};
  prepare.program = "/bin/true";
  prepare.arguments = {"true"};
  prepare.directory = "/";
  return {{primary.id, number}, true, wj::SegmentKind::data, 1, 0, wj::encode(wj::ToHost(prepare))};
}

using Abuse = std::function<void(Rogue&, std::uint64_t)>;

/// One message too strange for any node, in the place of `i`.
const std::map<std::string, Abuse>& abuses() {
  static base::Random random(7);
  static const std::map<std::string, Abuse> all{
      {"garbage", [](Rogue& rogue, std::uint64_t) { rogue.say(some_bytes(random)); }},
      {"truncated",
       [](Rogue& rogue, std::uint64_t i) {
         auto bytes = wire::node::encode(wo::Message(wo::GossipRequest{{rogue.self, rogue.other}, {}}));
         bytes.resize(1 + i % (bytes.size() - 1));
         rogue.say(std::move(bytes));
       }},
      {"coordinates",
       [](Rogue& rogue, std::uint64_t i) {
         static constexpr float wild[] = {not_a_number, endless, -endless, 1e6f, -1e6f};
         wo::PeerRecord lie = rogue.self;
         lie.version += static_cast<std::uint32_t>(i);
         auto& where = lie.coordinate;
         const float value = wild[i % 5];
         float* const parts[] = {&where.position[0], &where.position[7], &where.height, &where.error, &where.adjustment};
         *parts[i / 5 % 5] = value;
         rogue.say(wo::Ping{0, lie, {}, true});
       }},
      {"incarnation",
       [](Rogue& rogue, std::uint64_t i) {
         wo::PeerRecord lie = i % 2 == 0 ? rogue.self : rogue.other;
         lie.incarnation = i % 3 == 0 ? wo::max_incarnation + 1 : ~std::uint64_t{0};
         rogue.say(wo::GossipRequest{{rogue.self, lie}, {}});
       }},
      {"own-id",
       [](Rogue& rogue, std::uint64_t i) {
         wo::PeerRecord lie = rogue.victim;
         lie.incarnation += 1 + i;
         lie.addresses = {{"127.0.0.1", 1}};
         lie.cores_free = lie.cores_total = 0;
         rogue.say(wo::GossipRequest{{rogue.self, lie}, {}});
       }},
      {"other-self",
       [](Rogue& rogue, std::uint64_t i) {
         wo::PeerRecord lie = rogue.other;
         lie.version += 1000 + static_cast<std::uint32_t>(i);
         lie.addresses = {{"127.0.0.1", 1}};
         rogue.say(wo::Ping{0, lie, {}, true});
       }},
      {"dead-rumours",
       [](Rogue& rogue, std::uint64_t i) {
         const wo::PeerRecord& living = i % 2 == 0 ? rogue.victim : rogue.other;
         const auto kind = i % 3 == 0 ? wo::RumourKind::left : i % 3 == 1 ? wo::RumourKind::dead : wo::RumourKind::suspect;
         rogue.say(wo::Ping{0, rogue.self, {{kind, living.id, living.incarnation + i / 4, rogue.self.id, {}}}, false});
       }},
      {"unasked-offer",
       [](Rogue& rogue, std::uint64_t i) {
         rogue.say(ws::Offer{{rogue.victim.id, i}, 0, i + 1, 1000, 60'000, rogue.self});
       }},
      {"hops",
       [](Rogue& rogue, std::uint64_t i) {
         auto request = request_of(rogue.self, i);
         request.hops_left = 1'000'000'000;
         rogue.say(request);
       }},
      {"other-seeker",
       [](Rogue& rogue, std::uint64_t i) {
         auto request = request_of(rogue.self, i);
         request.search.seeker = rogue.other.id;
         rogue.say(request);
       }},
      {"forged-origin", [](Rogue& rogue, std::uint64_t i) { rogue.say(request_of(rogue.other, 1'000'000 + i)); }},
      {"searches", [](Rogue& rogue, std::uint64_t i) { rogue.say(request_of(rogue.self, i)); }},
      {"segments",
       [](Rogue& rogue, std::uint64_t i) {
         const wj::JobId of_victim{rogue.victim.id, i}, of_other{rogue.other.id, i}, own{rogue.self.id, i};
         const base::Bytes nonsense{std::byte{1}, std::byte{2}};
         const wj::Segment lies[] = {{of_victim, false, wj::SegmentKind::data, 1, 0, nonsense},
                                    {of_victim, false, wj::SegmentKind::ack, 0, 9, {}},
                                    {of_other, true, wj::SegmentKind::data, 1, 0, nonsense},
                                    {of_other, false, wj::SegmentKind::data, 1, 0, nonsense},
                                    {own, true, wj::SegmentKind::data, 7 + i, 3, nonsense}};
         rogue.say(lies[i % 5]);
       }},
      {"prepare",
       [](Rogue& rogue, std::uint64_t i) { rogue.say(prepare_of(rogue.self, i)); }},
      {"others-prepare",
       [](Rogue& rogue, std::uint64_t i) { rogue.say(prepare_of(rogue.other, i)); }},
  };
  return all;
}

/// Leases its offers hold are claimed by another member.
bool claim_of_anothers(io::EventLoop& loop, const io::RealmKey& realm, Rogue& rogue, std::uint64_t count) {
  Rogue thief(loop, realm, rogue.door);
  if (!thief.meet()) return false;
  rogue.say(request_of(rogue.self, 1));
  if (!run_until(loop, [&] { return !rogue.offers.empty(); })) return false;
  const ws::Offer& offer = rogue.offers.front();
  for (std::uint64_t i = 0; i < count; ++i) thief.say(ws::Claim{offer.search, offer.lease, 1});
  const auto answered = [&] { return thief.answers["granted"] + thief.answers["not granted"]; };
  if (!run_until(loop, [&] { return static_cast<std::uint64_t>(answered()) >= count; })) return false;
  rogue.answers = thief.answers;
  thief.leave();
  return true;
}

/// Below the node's messages: it has the keys and a connection, and breaks the rules of links.
bool break_links(io::EventLoop& loop, const io::RealmKey& realm, const wo::Address& door, const std::string& what,
                 std::uint64_t count) {
  using namespace wire::link;
  zmq::context_t context(1);
  const auto connected = [&] {
    const io::LinkKeys answering = io::answering_keys(realm), keys = io::new_link_keys();
    zmq::socket_t socket(context, ZMQ_DEALER);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::rcvtimeo, 5000);
    socket.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(answering.id.bytes.data(), 32));
    socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(keys.id.bytes.data(), 32));
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(keys.secret.data(), 32));
    socket.connect("tcp://" + wire::text_of(door));
    return socket;
  };
  const auto say = [](zmq::socket_t& socket, const base::Bytes& bytes) {
    socket.send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::none);
  };
  if (what == "never-greets") {
    // A message that never comes whole would be one that is answered: these only finish CURVE.
    std::vector<zmq::socket_t> silent;
    for (std::uint64_t i = 0; i < count; ++i) silent.push_back(connected());
    return run_until(loop, [&, until = loop.now() + std::chrono::seconds(2)] { return loop.now() >= until; });
  }
  zmq::socket_t socket = connected();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (what == "version") {
      say(socket, encode(Hello{version + 1 + static_cast<std::uint32_t>(i), {}, "from the future"}));
    } else if (what == "out-of-turn") {
      say(socket, i % 2 == 0 ? encode(Settled{}) : base::Bytes(100, payload_mark));
    } else {
      say(socket, base::Bytes(8u << 20, payload_mark));  // oversized
      socket = connected();
      continue;
    }
    zmq::message_t answer;
    if (!socket.recv(answer)) return false;
    const auto frame = decode({answer.data<std::byte>(), answer.size()});
    const auto* control = frame ? std::get_if<Control>(&*frame) : nullptr;
    if (!control || !std::holds_alternative<Reject>(*control)) return false;
  }
  return true;
}

int commit(io::EventLoop& loop, const io::RealmKey& realm, const wo::Address& door, const std::string& what,
           std::uint64_t count) {
  if (what == "version" || what == "out-of-turn" || what == "oversized" || what == "never-greets") {
    return break_links(loop, realm, door, what, count) ? 0 : 1;
  }
  Rogue rogue(loop, realm, door);
  if (what == "another-realm") {
    rogue.victim.id = io::new_link_keys().id;
    rogue.victim.addresses = {door};
    for (std::uint64_t i = 0; i < count; ++i) {
      rogue.unreachable = false;
      rogue.say(wo::Ping{1, rogue.self, {}, false});
      if (!run_until(loop, [&] { return rogue.unreachable; })) return 1;
    }
    return rogue.acked == 0 ? 0 : 1;
  }
  if (!rogue.meet()) {
    std::fputs("the victim and another node were not met\n", stderr);
    return 1;
  }
  if (what == "anothers-claim") {
    if (!claim_of_anothers(loop, realm, rogue, count)) return 1;
  } else {
    const auto& abuse = abuses().at(what);
    for (std::uint64_t i = 0; i < count; ++i) abuse(rogue, i);
  }
  if (!rogue.all_read()) {
    std::fputs("the victim answers no more\n", stderr);
    return 1;
  }
  std::printf("offers: %zu\n", rogue.offers.size());
  for (const auto& [answer, times] : rogue.answers) {
    if (times > 0) std::printf("%s: %d\n", answer.c_str(), times);
  }
  rogue.leave();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto door = wire::parse_address(argv[1], {});
  const auto realm = io::load_or_create_realm_key(argv[2]);
  if (!door || !realm) return 2;
  io::EventLoop loop;
  return commit(loop, *realm, *door, argv[3], std::stoull(argv[4]));
}
