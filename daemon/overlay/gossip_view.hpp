// Why: a node cannot know everyone, but it can know a random hundred, kept fresh by exchanging some of them
// with a random one of them (ARRG, HPDC 2007). Peers an exchange succeeded with go into a second cache; when
// the one picked cannot be reached (it is behind a NAT, or dead) one of those is tried, then a bootstrap
// address. So nodes that nobody can reach stay in the views, and nobody is cut off for knowing only such.
#pragma once

#include <optional>
#include <vector>

#include "daemon/overlay/beliefs.hpp"
#include "daemon/overlay/network_size.hpp"

namespace zel::overlay {

class GossipView {
 public:
  GossipView(const Config& config, const PeerRecord& self, std::vector<Address> bootstrap, Beliefs& beliefs,
             PeerTable& peers, Actions& out, base::Random random, base::Time now);

  /// False: it answers nothing that was asked.
  bool on_reply(const PeerRecord& sender, const wire::overlay::GossipReply& reply, base::Time now);
  void on_request(const PeerRecord& sender, const wire::overlay::GossipRequest& request, base::Time now);
  void on_unreachable(const base::NodeId& peer, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;
  bool round_is_due(base::Time now) const { return now >= next_round_; }

  /// A node that was heard of otherwise, taken in if there is room.
  void offer(const PeerRecord& record, base::Time now);
  /// A rumour says that it is new, or alive after all. Full views take it in as often as they hold any other node,
  /// and only who takes it in passes it on: where views hold a small part of the network it soon stops.
  void newcomer(const PeerRecord& record, base::Time now);
  /// A stranger that made itself known: in a full view it takes the place of a random one.
  void greet(const PeerRecord& record, base::Time now) { merge({record}, now); }
  /// What was learnt is worth telling soon: the interval is short again.
  void news(base::Time now);
  void peer_gone(const base::NodeId& id) { size_.died(id); }
  /// This process stood still: what was asked before is void.
  void stalled(base::Time now);

  double perceived_size() const { return size_.perceived(); }
  base::Duration interval() const { return interval_; }
  std::uint64_t failed_exchanges() const { return failed_; }

 private:
  /// Who is tried in one round, one after the other.
  enum class Stage : std::uint8_t { idle, view, fallback, bootstrap };

  void start_round(base::Time now);
  void ask(PeerTable::Slot slot, Stage stage, base::Time now);
  void ask_bootstrap(base::Time now);
  void fail_exchange(base::Time now);
  void schedule(base::Time now);
  std::vector<PeerRecord> own_share(const base::NodeId& receiver);
  /// How many the view gained while it was not full; a few are passed on as rumours.
  std::size_t merge(const std::vector<PeerRecord>& records, base::Time now);
  /// False: its coming was dealt with already.
  bool meet(const PeerRecord& record);
  void succeeded_with(const base::NodeId& id);
  void settle(std::size_t gained, base::Time now);

  const Config& config_;
  const PeerRecord& self_;
  std::vector<Address> bootstrap_;
  Beliefs& beliefs_;
  PeerTable& peers_;
  Actions& out_;
  base::Random random_;
  NetworkSize size_;
  std::vector<std::uint64_t> met_;  // whose coming was dealt with, a ring
  std::size_t next_met_ = 0;

  Stage stage_ = Stage::idle;
  base::Time deadline_ = base::never;  // of the exchange under way
  std::vector<base::NodeId> asked_;    // in this round; a late answer of any of them is still one
  bool bootstrap_asked_ = false;       // whose id is not known
  base::Time next_round_;
  base::Duration interval_;
  std::uint64_t failed_ = 0;
};

}  // namespace zel::overlay
