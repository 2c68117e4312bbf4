// Why: one search of this node for cores, from the first ring to all claims granted or the end of its
// patience.
//
//   asking --enough offers--> settling --settled--> claiming --all granted--> (Found)
//     ^  ^ round over, not enough: a wider ring        | a refusal, no answer, a host lost
//     |  +---(asking)                                  v
//     +-------------- pause over ------------------- paused <-- the widest ring did not bring enough
//
// Whatever is held is given back before a pause: two searches that each hold half of what both need never
// wait for one another for longer than a hold, and random pauses that double let one of them go first. Whoever was
// passed by for long holds what it has for some seconds, and pauses as long. In any state but claiming,
// patience over: everything is given back (NotFound).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/node_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/schedule/answers.hpp"
#include "daemon/schedule/config.hpp"
#include "daemon/schedule/rings.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/schedule/surroundings.hpp"

namespace zel::schedule {

/// What a search is handed at every event.
struct SearchContext {
  const Config& config;
  const Surroundings& surroundings;
  base::Random& random;
  std::uint32_t free_cores;  // of this host
  std::vector<Action>& actions;
};

class Search {
 public:
  using SearchId = wire::schedule::SearchId;
  enum class State : std::uint8_t { asking, settling, claiming, paused, over };

  Search(SearchNumber number, SearchId id, Wanted wanted, const Config& config, base::Time now);

  void start(SearchContext& context, base::Time now);
  void on_offer(SearchContext& context, const wire::schedule::Offer& offer, base::Time now);
  void on_refusal(SearchContext& context, const wire::schedule::Refusal& refusal);
  void on_claimed(SearchContext& context, const base::NodeId& from, const wire::schedule::Claimed& claimed,
                  base::Time now);
  void on_peer_lost(SearchContext& context, const base::NodeId& peer, base::Time now);
  void on_timer(SearchContext& context, base::Time now);
  void cancel(SearchContext& context);

  base::Time next_deadline() const;
  State state() const { return state_; }

 private:
  void ask(SearchContext& context, base::Time now);
  void settle(SearchContext& context, base::Time now);
  void round_over(SearchContext& context, base::Time now);
  bool claim(SearchContext& context, bool share, base::Time now);
  void resend_claims(SearchContext& context, base::Time now);
  void claim_failed(SearchContext& context, Answer& at, std::string reason, base::Time now);
  void pause(SearchContext& context, base::Time now);
  void pause_over(SearchContext& context, base::Time now);
  bool hold(SearchContext& context, base::Time now);
  std::uint64_t free_known(const SearchContext& context) const;
  void give_back(SearchContext& context, const std::string& reason);
  void release(SearchContext& context, const PeerRecord& host, LeaseNumber lease) const;
  void found(SearchContext& context, base::Time now);
  void fail(SearchContext& context, base::Time now);
  std::string summary(base::Time now) const;
  std::string failure(base::Time now) const;

  SearchNumber number_;
  SearchId id_;
  Wanted wanted_;
  Answers answers_;
  State state_ = State::paused;
  base::Time began_;
  base::Time patience_;  // over at
  base::Time deadline_;  // of the state
  base::Time round_end_{};
  base::Time claims_end_{};
  std::uint32_t round_ = 0;  // the next one's number
  Ring ring_;
  base::Duration pause_;
  base::Time ask_again_{};             // paused: at the latest
  base::Time hold_end_ = base::never;  // starved: when what is held is given back all the same
  base::Duration held_{};              // for so long it was; the next pause is no shorter
  std::uint64_t most_free_ = 0;        // that gossip knew of, at any pause
  std::vector<Answer*> chosen_;   // claiming: whom claims were sent to
  std::uint64_t most_ranks_ = 0;  // that ever fit on what was offered at one time
  bool diagnosed_ = false;        // has asked once for reasons that nobody asked it for
};

}  // namespace zel::schedule
