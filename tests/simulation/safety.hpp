// Why: what must hold after every event, whatever the network does. Breaking it throws.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/world.hpp"

namespace zel::simulation {

class Safety : public Watcher {
 public:
  /// `gentle`: no verdict on a node that ran all the time is excused.
  Safety(const World& world, const Ledger& ledger, bool gentle) : world_(world), ledger_(ledger), gentle_(gentle) {}

  void on_gone(NodeIndex node) override;
  void on_sent(NodeIndex from, const wire::overlay::PeerRecord& to, const PeerMessage& message) override;
  void on_action(NodeIndex node, const PeerAction& action) override;
  void after_event(NodeIndex node) override;

  /// Nodes that were taken for dead while they ran; not a breach, but a figure.
  std::uint64_t false_deaths() const { return false_deaths_; }

 private:
  struct Handled {
    std::uint64_t at_event = 0;
    std::size_t requests = 0;
    std::size_t offers = 0;
  };
  using Round = std::tuple<NodeIndex, std::uint32_t, NodeIndex, std::uint64_t, std::uint32_t>;  // node, life, seeker, search, round
  void check_refutation(NodeIndex node, NodeIndex subject, const overlay::PeerChanged& changed);
  void check_verdict(NodeIndex node, NodeIndex subject, const std::string& cause);
  void check_views(NodeIndex node) const;
  void check_known(NodeIndex node) const;
  void check_cores(NodeIndex node) const;
  Handled& handled(NodeIndex node, const wire::schedule::SearchId& search, std::uint32_t round);

  const World& world_;
  const Ledger& ledger_;
  bool gentle_;
  std::map<Round, Handled> handled_;
  std::map<std::pair<NodeIndex, NodeIndex>, std::uint64_t> suspected_;  // who, whom: its incarnation then
  std::uint64_t checks_ = 0;
  std::uint64_t false_deaths_ = 0;
};

}  // namespace zel::simulation
