// Why: schedulers talk to one another here through a virtual network from a seed: positions on a plane, delay
// of half the distance and some random more, loss if wanted, everybody's promises checked after every event.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/schedule/scheduler.hpp"

namespace zel::schedule {

using namespace std::chrono_literals;

inline base::NodeId id_of(std::uint32_t number) {
  base::NodeId id;
  base::Random random(number + 1);
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

struct NetworkSetup {
  std::uint64_t seed = 1;
  std::size_t nodes = 2;
  std::uint32_t cores = 2;   // of every node
  std::size_t known = 1000;  // peers in a view; the nearest 20 are neighbours
  double side_ms = 20;       // of the square they lie in
  double loss = 0;
  double jitter_ms = 0;  // later by up to this, at random: reorders
  Config config{};
};

class Network {
 public:
  struct Ended {
    bool found = false;
    std::vector<Grant> grants;
    std::vector<Verdict> verdicts;
    std::string text;
    std::string summary;
    base::Time at{};
  };

  explicit Network(NetworkSetup setup) : setup_(setup), random_(setup.seed) {
    for (std::size_t i = 0; i < setup.nodes; ++i) {
      PeerRecord record;
      record.id = id_of(static_cast<std::uint32_t>(i));
      record.name = "n" + std::to_string(i);
      record.addresses.push_back({"10.0.0." + std::to_string(i % 250 + 1), 7000});
      record.cores_free = record.cores_total = setup.cores;
      record.coordinate.position[0] = static_cast<float>(random_.unit() * setup.side_ms / 1e3);
      record.coordinate.position[1] = static_cast<float>(random_.unit() * setup.side_ms / 1e3);
      index_[record.id] = i;
      nodes_.push_back(std::make_unique<Node>(record));
    }
    for (auto& node : nodes_) {
      node->scheduler = std::make_unique<Scheduler>(
          Resources{setup.cores, std::uint64_t{8} << 30, std::uint64_t{100} << 30, "x86_64", "Linux", {}},
          setup.config, node->around, random_.split());
      meet(*node);
    }
  }

  Scheduler& at(std::size_t node) { return *nodes_[node]->scheduler; }
  PeerRecord& record(std::size_t node) { return nodes_[node]->around.own; }
  base::Time now() const { return now_; }
  base::Random& random() { return random_; }
  std::uint64_t messages(std::size_t kind) const { return messages_[kind]; }
  void forget_messages() { messages_ = {}; }
  std::size_t reached() const { return reached_.size(); }
  void forget_reached() { reached_.clear(); }
  std::map<std::pair<std::size_t, SearchNumber>, Ended> ended;

  void seek(std::size_t node, SearchNumber search, const Wanted& wanted) {
    at(node).seek(search, wanted, now_);
    act(node);
  }
  void after(base::Duration delay, std::function<void()> what) {
    events_.emplace(std::pair(now_ + delay, next_event_++), std::move(what));
  }
  /// A job starts on every grant and ends after `duration`.
  void run_job(std::size_t seeker, const std::vector<Grant>& grants, base::Duration duration) {
    for (const auto& grant : grants) {
      const auto host = index_.at(grant.host.id);
      const auto cores = at(host).commit(grant.lease, record(seeker).id, now_);
      ASSERT_TRUE(cores.has_value()) << cores.error().text;
      EXPECT_EQ(*cores, grant.cores);
      used_[host] += *cores;
      EXPECT_LE(used_[host], setup_.cores) << "more cores used than there are, seed " << setup_.seed;
      act(host);
      after(duration, [this, host, lease = grant.lease, count = *cores] {
        used_[host] -= count;
        at(host).release(lease, now_);
        act(host);
      });
    }
  }
  /// Runs events and timers until nothing is left or the time has come.
  void run_until(base::Time end) {
    while (step(end)) {
    }
    now_ = std::max(now_, end);
  }
  void run_for(base::Duration duration) { run_until(now_ + duration); }
  /// Runs until this search is over; whether it was found.
  const Ended* run_until_over(std::size_t node, SearchNumber search, base::Duration limit = 60s) {
    const auto end = now_ + limit;
    while (!ended.contains({node, search})) {
      if (!step(end)) return nullptr;
    }
    return &ended.at({node, search});
  }
  void inject(std::size_t from, std::size_t to, const wire::schedule::Message& message) {
    at(to).on_message(record(from).id, message, now_);
    act(to);
  }
  void crash(std::size_t gone) {
    nodes_[gone]->up = false;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i]->up) continue;
      at(i).on_peer_lost(record(gone).id, now_);
      act(i);
    }
  }
  std::uint64_t free_cores() const {
    std::uint64_t free = 0;
    for (const auto& node : nodes_) free += node->up ? node->scheduler->free_cores() : 0;
    return free;
  }
  /// What gossip would do in time.
  void spread_news() {
    for (auto& node : nodes_) node->around.own.cores_free = node->scheduler->free_cores();
  }
  base::Duration distance(std::size_t a, std::size_t b) { return Around::between(record(a), record(b)); }
  /// Mean distance of the ranks taken, and of the nearest `ranks` cores there are.
  std::pair<double, double> mean_distance_ms(std::size_t seeker, const std::vector<Grant>& grants) {
    double taken = 0;
    std::uint32_t ranks = 0;
    for (const auto& grant : grants) {
      taken += base::seconds(distance(seeker, index_.at(grant.host.id))) * 1e3 * grant.ranks;
      ranks += grant.ranks;
    }
    std::vector<double> all;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      all.insert(all.end(), setup_.cores, i == seeker ? 0 : base::seconds(distance(seeker, i)) * 1e3);
    }
    std::sort(all.begin(), all.end());
    double best = 0;
    for (std::size_t i = 0; i < ranks && i < all.size(); ++i) best += all[i];
    return {taken / std::max(1u, ranks), best / std::max(1u, ranks)};
  }
  std::function<void(std::size_t, const wire::schedule::Message&)> on_send;

 private:
  struct Around final : Surroundings {
    explicit Around(PeerRecord record) : own(std::move(record)) {}
    const PeerRecord& self() const override { return own; }
    std::vector<const PeerRecord*> neighbours() const override { return near; }
    std::vector<const PeerRecord*> view() const override { return seen; }
    base::Duration distance(const PeerRecord& peer) const override { return between(own, peer); }
    base::Duration distance(const PeerRecord& a, const PeerRecord& b) const override { return between(a, b); }
    static base::Duration between(const PeerRecord& a, const PeerRecord& b) {
      const auto& p = a.coordinate.position;
      const auto& q = b.coordinate.position;
      const double s = std::hypot(double{p[0]} - double{q[0]}, double{p[1]} - double{q[1]});
      return base::Duration(static_cast<std::int64_t>(s * 1e9)) + 50us;
    }
    PeerRecord own;
    std::vector<const PeerRecord*> near, seen;
  };
  struct Node {
    explicit Node(const PeerRecord& record) : around(record) {}
    Around around;
    std::unique_ptr<Scheduler> scheduler;
    bool up = true;
  };

  void meet(Node& node) {
    auto& near = node.around.near;
    for (const auto& other : nodes_) {
      if (other.get() != &node) near.push_back(&other->around.own);
    }
    auto sample = near;
    base::shuffle(sample, random_);
    sample.resize(std::min(sample.size(), setup_.known));
    node.around.seen = sample;
    std::stable_sort(near.begin(), near.end(), [&](const PeerRecord* a, const PeerRecord* b) {
      return node.around.distance(*a) < node.around.distance(*b);
    });
    near.resize(std::min<std::size_t>(near.size(), 20));
  }

  void act(std::size_t node) {
    for (auto& action : at(node).take_actions()) {
      if (auto* send = std::get_if<Send>(&action)) {
        deliver(node, *send);
      } else if (auto* found = std::get_if<Found>(&action)) {
        enter(node, found->search,
              {true, std::move(found->grants), std::move(found->verdicts), {}, found->summary, now_});
      } else if (auto* lost = std::get_if<NotFound>(&action)) {
        enter(node, lost->search, {false, {}, std::move(lost->verdicts), lost->text, lost->summary, now_});
      } else if (const auto* changed = std::get_if<FreeCoresChanged>(&action)) {
        EXPECT_EQ(changed->cores, at(node).free_cores());
      }
    }
    EXPECT_TRUE(at(node).consistent()) << "node " << node << ", seed " << setup_.seed;
    EXPECT_LE(at(node).free_cores(), setup_.cores);
  }
  void enter(std::size_t node, SearchNumber search, Ended what) {
    EXPECT_TRUE(ended.emplace(std::pair(node, search), std::move(what)).second)
        << "search " << search << " of node " << node << " ended twice, seed " << setup_.seed;
  }
  void deliver(std::size_t from, Send& send) {
    EXPECT_TRUE(wire::schedule::valid(send.message));
    const auto to = index_.at(send.to.id);
    if (on_send) on_send(from, send.message);
    if (to != from) {
      ++messages_[send.message.index()];
      if (random_.chance(setup_.loss)) return;
    }
    base::Duration delay = to == from ? 0us : distance(from, to) / 2;
    if (to != from)
      delay += base::Duration(static_cast<std::int64_t>(random_.unit() * setup_.jitter_ms * 1e6));
    after(delay, [this, from, to, message = std::move(send.message)] {
      if (!nodes_[to]->up || !nodes_[from]->up) return;
      if (std::holds_alternative<wire::schedule::Request>(message)) reached_[to] = true;
      const auto handled_before = at(to).counters().requests_handled;
      at(to).on_message(record(from).id, message, now_);
      const auto* request = std::get_if<wire::schedule::Request>(&message);
      if (request != nullptr && at(to).counters().requests_handled != handled_before) {
        ASSERT_TRUE(handled_.emplace(to, request->search, request->round).second)
            << "node " << to << " handles a round twice, seed " << setup_.seed;
      }
      act(to);
    });
  }
  bool step(base::Time end) {
    std::size_t timer = nodes_.size();
    base::Time first = base::never;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (!nodes_[i]->up) continue;
      const auto deadline = at(i).next_deadline();
      if (deadline < first) {
        first = deadline;
        timer = i;
      }
    }
    const auto event = events_.begin();
    const bool is_event = event != events_.end() && event->first.first <= first;
    const auto when = is_event ? event->first.first : first;
    if (when > end) return false;
    EXPECT_GE(when, now_ - 1ns) << "a deadline that was dealt with";
    now_ = std::max(now_, when);
    if (is_event) {
      auto what = std::move(event->second);
      events_.erase(event);
      what();
    } else {
      at(timer).on_timer(now_);
      act(timer);
      EXPECT_GT(at(timer).next_deadline(), now_) << "a timer that stands still";
    }
    return true;
  }

  NetworkSetup setup_;
  base::Random random_;
  base::Time now_{1h};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<base::NodeId, std::size_t> index_;
  std::map<std::pair<base::Time, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t next_event_ = 0;
  std::map<std::size_t, std::uint32_t> used_;
  std::map<std::size_t, bool> reached_;
  std::set<std::tuple<std::size_t, wire::schedule::SearchId, std::uint32_t>> handled_;
  std::array<std::uint64_t, std::variant_size_v<wire::schedule::Message>> messages_{};
};

inline Wanted wanted(std::uint32_t ranks, base::Duration wait = 10s) {
  Wanted w;
  w.ranks = ranks;
  w.wait = wait;
  return w;
}

}  // namespace zel::schedule
