// Why: to its node scheduling is one thing with two sides: cores of this host that others are offered, and
// cores of others that a job here looks for. Pure: messages and the time in, actions out.
//
// Host side. A request that floods by is handled once (a seen-set of searches and rounds), answered with an
// offer under a lease if there is room, and passed on while its radius reaches. Cores are free, leased,
// claimed or used; each is one of them, always, and a lease ends by itself.
//
// Seeker side. Rounds of growing radius until the offers suffice; then the nearest are claimed, all or
// nothing; a claim that fails gives everything back and, after a random pause, looks again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/node_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/schedule/config.hpp"
#include "daemon/schedule/surroundings.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

using wire::overlay::PeerRecord;
using LeaseNumber = std::uint64_t;
using SearchNumber = std::uint64_t;

/// What this host has.
struct Resources {
  std::uint32_t cores = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::string architecture;
  std::string system;
  std::vector<std::string> labels;
};

/// What a job wants.
struct Wanted {
  std::uint32_t ranks = 1;
  std::uint32_t cores_per_rank = 1;
  wire::schedule::Requirements requirements;
  wire::schedule::Metric metric = wire::schedule::Metric::latency;
  std::uint32_t hops = 0;          // metric hops: 0: as far as needed
  base::Duration wait{};           // give up after this
  bool oversubscribe = false;      // at the end take what there is, if there is anything
  bool explain = false;
};

struct Grant {
  PeerRecord host;
  LeaseNumber lease = 0;           // the host's number
  std::uint32_t cores = 0;
  std::uint32_t ranks = 0;         // cores / cores_per_rank; more when oversubscribed
  base::Duration distance{};
};
struct Verdict {
  PeerRecord host;
  base::Duration distance{};
  std::uint32_t cores_taken = 0;
  std::string reason;
};

/// To another node, or to this one: the caller delivers those to itself too.
struct Send {
  PeerRecord to;
  wire::schedule::Message message;
};
/// The search is over and every grant is claimed: start within the hosts' claim time. Nearest first.
struct Found {
  SearchNumber search;
  std::vector<Grant> grants;
  std::vector<Verdict> verdicts;   // when explain
  std::string summary;
};
struct NotFound {
  SearchNumber search;
  std::string text;                // why, and what the user can do
  std::vector<Verdict> verdicts;
  std::string summary;
};
/// The number of free cores of this host changed.
struct FreeCoresChanged {
  std::uint32_t cores;
};
using Action = std::variant<Send, Found, NotFound, FreeCoresChanged>;

class Scheduler {
 public:
  /// `surroundings` outlives the scheduler.
  Scheduler(Resources resources, Config config, const Surroundings& surroundings, base::Random random);
  ~Scheduler();

  /// A message that decoded and is valid(). `from` is authenticated by the link; a Request may come from any
  /// node, what answers or claims only from the node it names.
  void on_message(const base::NodeId& from, const wire::schedule::Message& message, base::Time now);
  /// This node is dead or has left: what it offered is void, what it leased here is free.
  void on_peer_lost(const base::NodeId& peer, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;
  std::vector<Action> take_actions();

  // ---- seeker ----
  void seek(SearchNumber search, const Wanted& wanted, base::Time now);
  /// Gives back what was offered and claimed; no Found or NotFound follows.
  void cancel(SearchNumber search, base::Time now);

  // ---- host ----
  /// The job starts on a claimed lease: its cores are used until release(). Errors: refused (no such claim of
  /// that seeker, or it is over).
  base::Result<std::uint32_t> commit(LeaseNumber lease, const base::NodeId& seeker, base::Time now);
  void release(LeaseNumber lease, base::Time now);
  std::uint32_t free_cores() const;
  std::uint32_t total_cores() const;

  /// Whether free + leased + claimed + used == total and every lease has a deadline or a job; for checkers.
  bool consistent() const;
  struct Counters {
    std::uint64_t requests_handled = 0, requests_repeated = 0, requests_refused = 0, offers = 0, offers_withheld = 0, leases_expired = 0,
                  claims_granted = 0, claims_refused = 0, strays = 0;
  };
  const Counters& counters() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace zel::schedule
