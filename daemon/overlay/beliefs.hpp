// Why: what this node holds true of others, and who may change it: SWIM's order of alive, suspect and dead by
// incarnation. Verdicts are made nowhere else. The table of states is in docs/protocol/overlay.md.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/overlay/actions.hpp"
#include "daemon/overlay/config.hpp"
#include "daemon/overlay/peer_table.hpp"
#include "daemon/overlay/rumours.hpp"
#include "daemon/overlay/suspicion.hpp"
#include "daemon/overlay/tombstones.hpp"

namespace zel::overlay {

class Beliefs {
 public:
  Beliefs(const Config& config, PeerRecord& self, PeerTable& peers, Actions& out);

  enum class Heard : std::uint8_t {
    own,      // about this node itself
    buried,   // it is dead or left, and this is not from after that
    known,    // in the table; taken over if newer
    unknown,  // whether to keep it is for others to decide: add()
  };
  Heard hear(const PeerRecord& record, base::Time now);
  /// The node itself says so, over its own link: what is held of it from hearsay, too far ahead to be true, is
  /// brought down to that. To be followed by hear().
  void hear_itself(const PeerRecord& record, base::Time now);
  /// A peer that hear() found unknown; none when there is no room.
  PeerTable::Slot add(const PeerRecord& record, Use use, base::Time now);
  /// What is to be known of an alive rumour's subject is left for take_newcomers().
  void hear(const wire::overlay::Rumour& rumour, base::Time now);

  /// This node has evidence of its own; `others` failed to reach it as well.
  void accuse(PeerTable::Slot slot, const std::vector<base::NodeId>& others, base::Time now);
  /// Nobody has had news of it for long. It is buried here, or it would come back as new from others' views, and
  /// go round for ever; others are not told, since they may know better.
  void lose(PeerTable::Slot slot, base::Time now);
  /// It answered: from now on its silence means something.
  void answered(const base::NodeId& id, base::Time now);
  /// A node that is new here, while there was room for it: others may have room too. Not said when there is much
  /// else to say.
  void announce(const PeerRecord& record);
  /// This process stood still for so long: what is suspected was not looked at meanwhile.
  void put_off(base::Duration gap, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;

  /// What a node should be told about itself first: nothing, that it is suspected, or that it is held dead.
  void about(const base::NodeId& id, std::vector<wire::overlay::Rumour>& out) const;
  void set_network_size(double nodes) { nodes_ = nodes; }
  double network_size() const { return nodes_; }
  /// How many times as long this node waits as a healthy one: for objections, too.
  void set_patience(int factor) { patience_ = factor; }
  std::uint32_t passes() const { return rumour_passes(config_, nodes_); }

  Rumours& rumours() { return rumours_; }
  const Tombstones& tombstones() const { return tombstones_; }
  /// Records of alive rumours about nodes not in the table; empties the list.
  std::vector<PeerRecord> take_newcomers() { return std::exchange(newcomers_, {}); }
  /// The buried whose records came since this was last asked: whoever sent them should know.
  std::vector<base::NodeId> take_stale() { return std::exchange(stale_, {}); }
  /// Peers that went since this was last asked.
  std::vector<base::NodeId> take_gone() { return std::exchange(gone_, {}); }
  /// Whether a death, or that a node left, became known since this was last asked.
  bool take_departure() { return std::exchange(departure_, false); }
  /// Those this node itself found silent: it tells them so.
  std::vector<base::NodeId> accused_here() const;
  /// Whether this node had to raise its incarnation since this was last asked.
  bool take_refuted() { return std::exchange(refuted_, false); }
  std::uint64_t refutations() const { return refutations_; }
  std::uint64_t accusations() const { return accusations_; }
  std::uint64_t deaths() const { return deaths_; }
  /// Hearsay that could not be true.
  std::uint64_t lies() const { return lies_; }

 private:
  // Those told at once are not among those told by the way.
  std::uint32_t passes_of_death() const { return passes() + static_cast<std::uint32_t>(config_.urgent_fan_out); }

  using RumourKind = wire::overlay::RumourKind;
  struct Suspected {
    base::NodeId id;
    Suspicion suspicion;
    bool accused_here;
  };

  void hear_alive(const wire::overlay::Rumour& rumour, base::Time now);
  void hear_suspect(const wire::overlay::Rumour& rumour, base::Time now);
  void hear_gone(const wire::overlay::Rumour& rumour, base::Time now);
  void refute(std::uint64_t incarnation, base::Time now);
  bool is_lie(std::uint64_t incarnation, std::uint64_t held, std::uint64_t leaps);
  void suspect(PeerTable::Slot slot, const base::NodeId& reporter, std::string cause, base::Time now);
  void clear_suspicion(PeerTable::Slot slot);
  void bury(PeerTable::Slot slot, std::uint64_t incarnation, PeerState state, std::string cause,
            base::Time now);
  void say_alive(const PeerRecord& record);
  void say(RumourKind kind, const base::NodeId& subject, std::uint64_t incarnation,
           const base::NodeId& reporter, std::uint32_t passes);
  std::vector<Suspected>::iterator suspicion_of(const base::NodeId& id);

  const Config& config_;
  PeerRecord& self_;
  PeerTable& peers_;
  Actions& out_;
  Tombstones tombstones_;
  Rumours rumours_;
  std::vector<Suspected> suspected_;
  std::vector<PeerRecord> newcomers_;
  std::vector<base::NodeId> stale_, gone_;
  double nodes_ = 1;
  int patience_ = 1;
  bool refuted_ = false;
  bool departure_ = false;
  base::Time next_leap_{};
  std::uint64_t refutations_ = 0, accusations_ = 0, deaths_ = 0, lies_ = 0;
};

}  // namespace zel::overlay
