// Why: how a request reaches everybody within its radius, each node handling it once, with about one message
// per node. The seeker, who knows who is near it, sends it to many; who gets it passes it on to a few that
// were not told: those nearest to itself, so that every corner is reached, and random ones, so that the flood
// does not get stuck in a cluster. Source: flood scheduling, Drost et al., GP2P at CCGrid 2006. The original
// handled a request as often as it came, at a cost of degree^TTL.
#pragma once

#include <cstddef>
#include <vector>

#include "base/node_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/schedule/config.hpp"
#include "daemon/schedule/request_rate.hpp"
#include "daemon/schedule/seen_set.hpp"
#include "daemon/schedule/surroundings.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

class Flood {
 public:
  enum class Verdict { handle, repeated, refused };

  explicit Flood(const Config& config)
      : config_(&config),
        seen_(config.max_seen, config.seen_life),
        rate_(config.new_searches_per_second, config.new_searches_burst) {}

  /// What to do with a request that `from` brought to node `self`.
  Verdict admit(const base::NodeId& from, const base::NodeId& self, const wire::schedule::Request& request,
                base::Time now);

  struct Onward {
    std::vector<const wire::overlay::PeerRecord*> to;
    wire::schedule::Request request;
  };
  /// Whom to pass it on to, and as what. Nobody when its hops are used up.
  Onward pass_on(const base::NodeId& from, const wire::schedule::Request& request,
                 const Surroundings& surroundings, base::Random& random) const;

  std::size_t remembered() const { return seen_.size(); }

 private:
  const Config* config_;
  SeenSet seen_;
  RequestRate rate_;
};

}  // namespace zel::schedule
