#include "tests/simulation/safety.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace zel::simulation {

namespace {

constexpr std::uint64_t known_every = 64;  // known() copies all it returns
constexpr std::size_t large = 200;
constexpr std::uint64_t views_every_of_large = 256;

[[noreturn]] void breach(NodeIndex node, const std::string& text) {
  throw Violation("n" + std::to_string(node) + ": " + text);
}

bool is_valid(const PeerMessage& message) {
  return std::visit([](const auto& protocol) { return valid(protocol); }, message);
}

}  // namespace

Safety::Handled& Safety::handled(NodeIndex node, const wire::schedule::SearchId& search, std::uint32_t round) {
  return handled_[{node, world_.life(node), world_.index_of(search.seeker), search.number, round}];
}

void Safety::on_sent(NodeIndex from, const wire::overlay::PeerRecord& to, const PeerMessage& message) {
  if (to.id == world_.id(from)) breach(from, "sends a message to itself");
  if (!is_valid(message)) breach(from, "sends a message that is not valid");
  const auto* order = std::get_if<wire::schedule::Message>(&message);
  if (order == nullptr) return;
  if (const auto* request = std::get_if<wire::schedule::Request>(order)) {
    Handled& entry = handled(from, request->search, request->round);
    if (entry.requests > 0 && entry.at_event != world_.events()) breach(from, "passes one round of a search on twice");
    entry.at_event = world_.events();
    const auto& config = world_.setup().schedule;
    const bool is_seeker = request->search.seeker == world_.id(from);
    if (++entry.requests > (is_seeker ? config.first_fan_out : config.fan_out)) {
      breach(from, "passes a request on to more than the fan-out");
    }
  } else if (const auto* offer = std::get_if<wire::schedule::Offer>(order)) {
    if (++handled(from, offer->search, offer->round).offers > 1) breach(from, "offers twice in one round of a search");
  }
}

void Safety::on_action(NodeIndex node, const PeerAction& action) {
  const auto* changed = std::get_if<overlay::PeerChanged>(&action);
  if (changed == nullptr) return;
  if (changed->peer.id == world_.id(node)) breach(node, "tells news of itself");
  static constexpr const char* words[] = {"joined", "suspected", "refuted", "died", "left"};
  const NodeIndex subject = world_.index_of(changed->peer.id);
  world_.note(node, "n" + std::to_string(subject) + " " + words[static_cast<std::size_t>(changed->what)] + ": " + changed->cause);
  check_refutation(node, subject, *changed);
  if (changed->what == overlay::PeerChanged::What::died) check_verdict(node, subject, changed->cause);
}

// Whoever raised its incarnation after it was suspected has refuted that, and is not to be buried for it.
void Safety::check_refutation(NodeIndex node, NodeIndex subject, const overlay::PeerChanged& changed) {
  using What = overlay::PeerChanged::What;
  if (changed.what == What::suspected) {
    suspected_[{node, subject}] = changed.peer.incarnation;
    return;
  }
  const auto before = suspected_.find({node, subject});
  if (before == suspected_.end()) return;
  if (changed.what == What::died && changed.peer.incarnation > before->second) {
    breach(node, "buries n" + std::to_string(subject) + " for a suspicion that it refuted");
  }
  suspected_.erase(before);
}

// A node that was stopped, or started again, is rightly taken for dead by those who have not heard the latest.
void Safety::check_verdict(NodeIndex node, NodeIndex subject, const std::string& cause) {
  if (!world_.is_up(subject)) return;
  ++false_deaths_;
  if (gentle_ && world_.life(subject) == 1 && !world_.was_stopped(subject)) {
    breach(node, "takes n" + std::to_string(subject) + " for dead, which is well and can be reached: " + cause);
  }
}

void Safety::on_gone(NodeIndex node) {
  suspected_.erase(suspected_.lower_bound({node, 0}), suspected_.lower_bound({node + 1, 0}));
}

void Safety::after_event(NodeIndex node) {
  ++checks_;
  check_cores(node);
  // Sorting the neighbours costs more than most events: in a large network a part of them is looked at.
  if (world_.size() <= large || checks_ % views_every_of_large == 0) check_views(node);
  if (checks_ % known_every == 0) check_known(node);
}

void Safety::check_cores(NodeIndex node) const {
  const auto& scheduler = world_.peer(node).scheduler();
  if (!scheduler.consistent()) breach(node, "cores are in two states or in none, or a lease has no deadline");
  if (ledger_.used(node) + scheduler.free_cores() > scheduler.total_cores()) {
    breach(node, "says " + std::to_string(scheduler.free_cores()) + " of " + std::to_string(scheduler.total_cores()) +
                     " cores are free, but jobs use " + std::to_string(ledger_.used(node)));
  }
}

void Safety::check_views(NodeIndex node) const {
  const auto& overlay = world_.peer(node).overlay();
  const auto& config = world_.setup().overlay;
  const auto self = world_.id(node);
  const auto check = [&](const auto& records, std::size_t limit, const char* what) {
    if (records.size() > limit) breach(node, std::string(what) + " has " + std::to_string(records.size()) + " nodes");
    if (std::any_of(records.begin(), records.end(), [&](const auto* record) { return record->id == self; })) {
      breach(node, std::string(what) + " holds the node itself");
    }
  };
  check(overlay.view(), config.view_size, "the view");
  check(overlay.neighbours(), config.close_neighbours + 3 * config.random_neighbours, "the neighbour list");
}

void Safety::check_known(NodeIndex node) const {
  const auto& config = world_.setup().overlay;
  const auto known = world_.peer(node).overlay().known();
  const std::size_t limit = config.view_size + config.fallback_size + config.max_tombstones;
  if (known.size() > limit) breach(node, "knows " + std::to_string(known.size()) + " nodes, over its limit");
  std::unordered_set<base::NodeId> seen;
  for (const auto& peer : known) {
    if (peer.record.id == world_.id(node)) breach(node, "knows itself as another");
    if (!seen.insert(peer.record.id).second) breach(node, "knows one node twice");
    if (!valid(peer.record)) breach(node, "keeps a record that is not valid");
  }
}

}  // namespace zel::simulation
