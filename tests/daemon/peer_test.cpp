#include "daemon/peer.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>

namespace zel::daemon {
namespace {

using namespace std::chrono_literals;

base::NodeId id_of(std::uint8_t number) {
  base::NodeId id;
  id.bytes.fill(number);
  return id;
}

PeerSetup setup_of(std::uint8_t number, std::uint32_t cores) {
  PeerSetup setup;
  setup.overlay.self.id = id_of(number);
  setup.overlay.self.incarnation = 1000;
  setup.overlay.self.name = "n" + std::to_string(number);
  setup.overlay.self.addresses = {{"10.0.0." + std::to_string(number), 7000}};
  setup.overlay.config = overlay::Config::lan();
  setup.resources.cores = cores;
  setup.resources.architecture = "x86_64";
  setup.resources.system = "Linux";
  return setup;
}

/// Peers whose messages arrive at once, on one clock.
struct Ring {
  base::Time now{1h};
  std::map<std::uint8_t, std::unique_ptr<Peer>> peers;
  std::vector<schedule::Found> found;
  std::vector<schedule::NotFound> not_found;
  std::size_t sent_to_self = 0;

  void add(std::uint8_t number, std::uint32_t cores, std::uint8_t contact = 0) {
    auto setup = setup_of(number, cores);
    if (contact != 0) setup.overlay.bootstrap = {{"10.0.0." + std::to_string(contact), 7000}};
    peers[number] = std::make_unique<Peer>(std::move(setup), base::Random(number), now);
  }
  void deliver(std::uint8_t from, std::uint8_t to, const PeerMessage& message) {
    if (from == to) ++sent_to_self;
    if (peers.contains(to)) peers[to]->on_message(id_of(from), message, now);
  }
  void settle() {
    for (int round = 0; round < 20; ++round) {
      for (auto& [number, peer] : peers) {
        for (auto& action : peer->take_actions(now)) carry_out(number, action);
      }
    }
  }
  void carry_out(std::uint8_t number, PeerAction& action) {
    if (auto* send = std::get_if<SendToPeer>(&action)) deliver(number, send->to.id.bytes[0], send->message);
    if (auto* send = std::get_if<overlay::SendToAddress>(&action)) {
      deliver(number, static_cast<std::uint8_t>(std::stoi(send->to.host.substr(7))), send->message);
    }
    if (auto* done = std::get_if<schedule::Found>(&action)) found.push_back(*done);
    if (auto* done = std::get_if<schedule::NotFound>(&action)) not_found.push_back(*done);
  }
  void run(base::Duration duration) {
    const base::Time end = now + duration;
    for (settle(); now < end; settle()) {
      now += 5ms;
      for (auto& [number, peer] : peers) {
        if (peer->next_deadline() <= now) peer->on_timer(now);
      }
    }
  }
};

schedule::Wanted ranks(std::uint32_t count) {
  schedule::Wanted wanted;
  wanted.ranks = count;
  wanted.wait = 5s;
  return wanted;
}

TEST(Peer, FindsItsOwnCoresWithoutSendingToItself) {
  Ring ring;
  ring.add(1, 4);
  ring.peers[1]->scheduler().seek(7, ranks(3), ring.now);
  ring.run(6s);
  ASSERT_EQ(ring.found.size(), 1u);
  EXPECT_EQ(ring.found[0].grants.size(), 1u);
  EXPECT_EQ(ring.found[0].grants[0].host.id, id_of(1));
  EXPECT_EQ(ring.sent_to_self, 0u);
}

TEST(Peer, TellsOthersHowManyCoresAreFree) {
  Ring ring;
  ring.add(1, 4);
  ring.add(2, 4, 1);
  EXPECT_EQ(ring.peers[1]->overlay().self().cores_total, 4u);
  EXPECT_EQ(ring.peers[1]->overlay().self().cores_free, 4u);
  ring.peers[1]->scheduler().seek(7, ranks(3), ring.now);
  ring.run(2s);
  EXPECT_EQ(ring.found.size(), 1u);
  EXPECT_EQ(ring.peers[1]->overlay().self().cores_free, ring.peers[1]->scheduler().free_cores());
  EXPECT_LT(ring.peers[1]->overlay().self().cores_free, 4u);
}

TEST(Peer, TakesCoresOfANeighbourWhenItsOwnDoNotSuffice) {
  Ring ring;
  ring.add(1, 2);
  ring.add(2, 4, 1);
  ring.run(5s);
  ring.peers[1]->scheduler().seek(7, ranks(6), ring.now);
  ring.run(6s);
  ASSERT_EQ(ring.found.size(), 1u);
  EXPECT_EQ(ring.found[0].grants.size(), 2u);
  EXPECT_EQ(ring.peers[2]->scheduler().free_cores(), 0u);
}

TEST(Peer, WhatALostNodeLeasedIsFreeBeforeItsLeaseEnds) {
  Ring ring;
  auto setup = setup_of(2, 4);
  setup.overlay.bootstrap = {{"10.0.0.1", 7000}};
  setup.schedule.claim_lease = 10min;  // so that only the loss can have freed it
  ring.add(1, 2);
  ring.peers[2] = std::make_unique<Peer>(std::move(setup), base::Random(2), ring.now);
  ring.run(5s);
  ring.peers[1]->scheduler().seek(7, ranks(6), ring.now);
  ring.run(6s);
  ASSERT_EQ(ring.peers[2]->scheduler().free_cores(), 0u);
  ring.peers[1]->overlay().leave(ring.now);
  ring.settle();
  ring.peers.erase(1);
  ring.run(60s);
  EXPECT_EQ(ring.peers[2]->scheduler().free_cores(), 4u);
}

TEST(Peer, WakesForWhicheverEngineIsDueFirst) {
  Ring ring;
  ring.add(1, 4);
  ring.run(1s);
  ring.peers[1]->scheduler().seek(7, ranks(100), ring.now);
  ring.settle();
  const auto& peer = *ring.peers[1];
  EXPECT_EQ(peer.next_deadline(), std::min(peer.overlay().next_deadline(), peer.scheduler().next_deadline()));
  ring.run(10s);
  EXPECT_EQ(ring.not_found.size(), 1u);
}

}  // namespace
}  // namespace zel::daemon
