// Why: nobody watches over the nodes, so each tries one other at every round, asks some others to try when it
// does not answer, and only then accuses it (SWIM, DSN 2002). It also doubts itself: a node that is slow
// gives others more time (Lifeguard, 2017), and one that stood still throws away what it was waiting for.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "daemon/overlay/beliefs.hpp"

namespace zel::overlay {

class FailureDetector {
 public:
  static constexpr std::size_t max_watched = 4096;
  static constexpr std::size_t max_errands = 64;  // probes for others
  static constexpr std::size_t max_probes = max_watched + 128;

  FailureDetector(const Config& config, const PeerRecord& self, Beliefs& beliefs, PeerTable& peers,
                  Actions& out, base::Random random, base::Time now);

  void on_ping(const wire::overlay::Ping& ping);
  /// The round-trip time, where this answers a probe of this node's own and can be trusted.
  std::optional<base::Duration> on_ack(const wire::overlay::Ack& ack, base::Time now);
  void on_ping_request(const PeerRecord& asker, const wire::overlay::PingRequest& request, base::Time now);
  void on_indirect_ack(const base::NodeId& from, const wire::overlay::IndirectAck& answer, base::Time now);
  void on_unreachable(const base::NodeId& peer, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;

  /// One probe more, at once, to learn how far it is.
  void measure(PeerTable::Slot slot, base::Time now);
  void watch(const base::NodeId& id);
  void unwatch(const base::NodeId& id);
  bool watches(const base::NodeId& id) const;
  /// Others found this node silent: it is slow, or its connection is bad.
  void was_accused() { change_awareness(1); }
  void stalled(base::Time now);

  int awareness() const { return awareness_; }
  std::uint64_t refused() const { return refused_; }

 private:
  enum class Stage : std::uint8_t { direct, indirect };
  struct Probe {
    std::uint64_t sequence;
    base::NodeId target;
    base::Time sent, ask_others, end;
    Stage stage = Stage::direct;
    base::Time again = base::never;  // when it is pinged once more, while this node is patient
    bool repeated = false;           // so that nobody knows which ping is answered
    std::size_t helpers = 0;
    std::vector<base::NodeId> nacks;  // helpers that did not reach it either
  };
  /// A probe for somebody else.
  struct Errand {
    std::uint64_t sequence;
    base::NodeId target;
    PeerRecord asker;
    std::uint64_t asker_sequence;
    base::Time end;
  };
  struct Watch {
    base::NodeId id;
    std::uint32_t count;
  };

  void start_round(base::Time now);
  PeerTable::Slot next_target();
  void probe(PeerTable::Slot slot, base::Time now);
  void ping_again(Probe& probe, base::Time now);
  void ask_others(Probe& probe, base::Time now);
  void fail(const Probe& probe, base::Time now);
  void reconnect();
  void send_ping(const PeerRecord& to, std::uint64_t sequence);
  bool tell_accused();
  void change_awareness(int by);
  base::Duration patience(base::Duration timeout) const { return timeout * (awareness_ + 1); }
  std::vector<Probe>::iterator probe_of(const base::NodeId& id);
  std::vector<Probe>::iterator probe_of(std::uint64_t sequence);

  const Config& config_;
  const PeerRecord& self_;
  Beliefs& beliefs_;
  PeerTable& peers_;
  Actions& out_;
  base::Random random_;

  std::vector<PeerTable::Slot>
      order_;                  // of this turn, the next one last; a slot may have been given away meanwhile
  std::vector<Probe> probes_;  // by sequence
  std::vector<Errand> errands_;
  std::vector<Watch> watches_;
  std::uint64_t next_sequence_ = 1;  // 0: nobody waits for the answer
  base::Time next_round_, next_reconnect_;
  base::Time next_telling_ = base::never;
  int awareness_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace zel::overlay
