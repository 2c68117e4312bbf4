#include "daemon/schedule/scheduler.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/schedule/flood.hpp"
#include "daemon/schedule/leases.hpp"
#include "daemon/schedule/requirements.hpp"
#include "daemon/schedule/search.hpp"

namespace zel::schedule {

using wire::schedule::Claim;
using wire::schedule::Claimed;
using wire::schedule::Offer;
using wire::schedule::Refusal;
using wire::schedule::Release;
using wire::schedule::Request;
using wire::schedule::SearchId;

struct Scheduler::Parts {
  Resources resources;
  Config config;
  const Surroundings& surroundings;
  base::Random random;
  // Numbers on the wire go on from a random one: a node that starts again must not be taken for its former
  // self.
  std::uint64_t first_number;
  Flood flood;
  Leases leases;
  std::map<SearchNumber, Search> searches;
  std::vector<Action> actions;
  std::uint32_t free_told;
  Counters counters;

  Parts(Resources r, Config c, const Surroundings& s, base::Random ra)
      : resources(std::move(r)),
        config(c),
        surroundings(s),
        random(ra),
        first_number(random()),
        flood(config),
        leases(resources.cores, config, random()),
        free_told(resources.cores) {}

  const base::NodeId& self() const { return surroundings.self().id; }
  SearchId on_the_wire(SearchNumber search) const { return {self(), first_number + search}; }
  SearchContext context() { return {config, surroundings, random, leases.free(), actions}; }
  void send(const PeerRecord& to, wire::schedule::Message message) {
    actions.emplace_back(Send{to, std::move(message)});
  }
  std::uint32_t lease_ms(base::Duration duration) const {
    return static_cast<std::uint32_t>(duration / std::chrono::milliseconds(1));
  }

  void expire(base::Time now) { counters.leases_expired += leases.expire(now); }
  void settle_up() {
    std::erase_if(searches, [](const auto& entry) { return entry.second.state() == Search::State::over; });
    if (leases.free() == free_told) return;
    free_told = leases.free();
    actions.emplace_back(FreeCoresChanged{free_told});
  }
  /// The search of this node that the id names; nullptr if there is none (any more).
  Search* search_of(const SearchId& id) {
    if (id.seeker != self()) return nullptr;
    const auto found = searches.find(id.number - first_number);
    return found == searches.end() ? nullptr : &found->second;
  }

  // ---- host ----
  void on(const base::NodeId& from, const Request& request, base::Time now) {
    switch (flood.admit(from, self(), request, now)) {
      case Flood::Verdict::repeated: ++counters.requests_repeated; return;
      case Flood::Verdict::refused: ++counters.requests_refused; return;
      case Flood::Verdict::handle: ++counters.requests_handled;
    }
    answer(request, now);
    auto onward = flood.pass_on(from, request, surroundings, random);
    for (const auto* peer : onward.to) send(*peer, onward.request);
  }
  void answer(const Request& request, base::Time now) {
    std::string reason = unmet(request.requirements, resources, surroundings.self());
    if (reason.empty()) {
      const auto offered = leases.offer(request.search, request.cores, request.cores_per_rank, now);
      if (offered) {
        ++counters.offers;
        return send(request.seeker, Offer{request.search, request.round, offered->lease, offered->cores,
                                          lease_ms(config.offer_lease), surroundings.self()});
      }
      counters.offers_withheld = leases.withheld();
      reason = leases.why_not(request.search, request.cores_per_rank);
    }
    if (!request.explain) return;
    reason.resize(std::min(reason.size(), wire::schedule::max_reason_bytes));
    send(request.seeker, Refusal{request.search, request.round, surroundings.self(), std::move(reason)});
  }
  void on(const base::NodeId& from, const Claim& claim, base::Time now) {
    const bool granted =
        claim.search.seeker == from && leases.claim(claim.search, claim.lease, claim.cores, now);
    ++(granted ? counters.claims_granted : counters.claims_refused);
    PeerRecord seeker;
    if (const auto* known = record_of(from)) seeker = *known;
    seeker.id = from;
    send(seeker, Claimed{claim.search, claim.lease, granted, granted ? lease_ms(config.claim_lease) : 0});
  }
  // The link that the claim came over is there; a record is for the case that it broke.
  const PeerRecord* record_of(const base::NodeId& peer) const {
    if (peer == self()) return &surroundings.self();
    for (const auto* known : surroundings.neighbours()) {
      if (known->id == peer) return known;
    }
    for (const auto* known : surroundings.view()) {
      if (known->id == peer) return known;
    }
    return nullptr;
  }
  void on(const base::NodeId& from, const Release& release, base::Time) {
    if (release.search.seeker != from || !leases.give_back(release.search, release.lease)) ++counters.strays;
  }

  // ---- seeker ----
  void on(const base::NodeId& from, const Offer& offer, base::Time now) {
    if (offer.host.id != from || offer.search.seeker != self()) {
      ++counters.strays;
      return;
    }
    auto around = context();
    if (auto* search = search_of(offer.search)) return search->on_offer(around, offer, now);
    // Of a search that is over: the host need not wait for the lease to end.
    ++counters.strays;
    send(offer.host, Release{offer.search, offer.lease});
  }
  void on(const base::NodeId& from, const Refusal& refusal, base::Time) {
    auto* search = refusal.host.id == from ? search_of(refusal.search) : nullptr;
    auto around = context();
    if (search == nullptr) {
      ++counters.strays;
    } else {
      search->on_refusal(around, refusal);
    }
  }
  void on(const base::NodeId& from, const Claimed& claimed, base::Time now) {
    auto* search = search_of(claimed.search);
    auto around = context();
    if (search == nullptr) {
      ++counters.strays;
    } else {
      search->on_claimed(around, from, claimed, now);
    }
  }
  /// Empty: it can be looked for.
  std::string nonsense(SearchNumber search, const Wanted& wanted) const {
    if (wanted.ranks == 0 || wanted.cores_per_rank == 0) return "a search for no cores; ask for at least one";
    const auto cores = std::uint64_t{wanted.ranks} * wanted.cores_per_rank;
    if (cores > wire::schedule::max_wanted_cores) {
      return std::to_string(cores) +
             " cores are more than a search may ask for: " + std::to_string(wire::schedule::max_wanted_cores);
    }
    if (!wire::schedule::valid(wanted.requirements))
      return "more or longer names and labels than a search may carry";
    if (searches.contains(search)) return "search " + std::to_string(search) + " is under way already";
    if (searches.size() >= config.max_searches) {
      return std::to_string(searches.size()) +
             " searches of this node are under way; try again when some are over";
    }
    return {};
  }
};

Scheduler::Scheduler(Resources resources, Config config, const Surroundings& surroundings,
                     base::Random random)
    : parts_(std::make_unique<Parts>(std::move(resources), config, surroundings, random)) {}
Scheduler::~Scheduler() = default;

void Scheduler::on_message(const base::NodeId& from, const wire::schedule::Message& message, base::Time now) {
  parts_->expire(now);
  std::visit([&](const auto& alternative) { parts_->on(from, alternative, now); }, message);
  parts_->settle_up();
}

void Scheduler::on_peer_lost(const base::NodeId& peer, base::Time now) {
  parts_->leases.lose(peer);
  auto around = parts_->context();
  for (auto& [number, search] : parts_->searches) search.on_peer_lost(around, peer, now);
  parts_->settle_up();
}

void Scheduler::on_timer(base::Time now) {
  parts_->expire(now);
  auto around = parts_->context();
  for (auto& [number, search] : parts_->searches) search.on_timer(around, now);
  parts_->settle_up();
}

base::Time Scheduler::next_deadline() const {
  base::Time deadline = parts_->leases.next_deadline();
  for (const auto& [number, search] : parts_->searches) deadline = std::min(deadline, search.next_deadline());
  return deadline;
}

std::vector<Action> Scheduler::take_actions() { return std::exchange(parts_->actions, {}); }

void Scheduler::seek(SearchNumber number, const Wanted& wanted, base::Time now) {
  if (auto text = parts_->nonsense(number, wanted); !text.empty()) {
    parts_->actions.emplace_back(NotFound{number, std::move(text), {}, "not begun"});
    return;
  }
  parts_->expire(now);
  auto& search =
      parts_->searches
          .emplace(number, Search(number, parts_->on_the_wire(number), wanted, parts_->config, now))
          .first->second;
  auto around = parts_->context();
  search.start(around, now);
  parts_->settle_up();
}

void Scheduler::cancel(SearchNumber number, base::Time) {
  const auto found = parts_->searches.find(number);
  if (found == parts_->searches.end()) return;
  auto around = parts_->context();
  found->second.cancel(around);
  parts_->settle_up();
}

base::Result<std::uint32_t> Scheduler::commit(LeaseNumber lease, const base::NodeId& seeker, base::Time now) {
  parts_->expire(now);
  auto cores = parts_->leases.commit(lease, seeker, now);
  parts_->settle_up();
  return cores;
}

void Scheduler::release(LeaseNumber lease, base::Time now) {
  parts_->expire(now);
  parts_->leases.release(lease);
  parts_->settle_up();
}

std::uint32_t Scheduler::free_cores() const { return parts_->leases.free(); }
std::uint32_t Scheduler::total_cores() const { return parts_->leases.total(); }
bool Scheduler::consistent() const { return parts_->leases.consistent(); }
const Scheduler::Counters& Scheduler::counters() const { return parts_->counters; }

}  // namespace zel::schedule
