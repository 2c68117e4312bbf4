// Why: a node cannot see from inside whether others can dial it; others must try. This asks a few of those it has a
// link with to dial it anew, counts their answers, and asks again now and then. Pure: who there is to ask and the
// time in, whom to ask out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "daemon/relay/config.hpp"
#include "wire/relay.hpp"

namespace zel::relay {

enum class Verdict : std::uint8_t { unknown, open, shut };

std::string_view text_of(Verdict verdict);

class Reachability {
 public:
  struct Ask {
    base::NodeId peer;
    wire::relay::DialBack message;
  };

  Reachability(const Config& config, base::Random random) : config_(config), random_(random) {}

  /// Where it listens; none: nobody can dial it, and nobody need be asked.
  void set_addresses(const std::vector<wire::overlay::Address>& addresses, base::Time now);
  void on_answer(const base::NodeId& from, const wire::relay::DialedBack& answer, base::Time now);
  /// `able`: nodes with a link to this one, the best to ask first.
  std::vector<Ask> on_timer(const std::vector<base::NodeId>& able, base::Time now);
  base::Time next_deadline() const { return due_; }

  Verdict verdict() const { return verdict_; }

 private:
  void judge(base::Time now);

  const Config& config_;
  base::Random random_;
  std::vector<wire::overlay::Address> addresses_;
  Verdict verdict_ = Verdict::unknown;
  std::uint64_t sequence_ = 0;                          // of the round under way
  std::map<base::NodeId, std::optional<bool>> asked_;   // in it; and whether this node was found
  base::Time due_ = base::Time::min();                  // the end of the round, or the beginning of the next
};

}  // namespace zel::relay
