// Why: behind a NAT a host does not know the address others see it come from, and ranks need it to be dialled, and to
// connect to one another at one moment. Whoever accepts a link says where it sees the dialler. Each is one witness,
// and may be wrong or lie, so the address most of them agree on is taken, one of each family, and it is only ever
// tried in addition to a host's own. Pure: what was said in, the addresses out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/node_id.hpp"
#include "wire/overlay.hpp"

namespace zel::relay {

class Outside {
 public:
  /// Few, so that after a change of address those who were asked before it are soon outvoted.
  static constexpr std::size_t max_witnesses = 9;

  /// Those of the host itself: who sees it there sees no NAT. A private one says nothing of the outside.
  void set_own(const std::vector<wire::overlay::Address>& own);
  /// `by` sees this node come from `host`. Nonsense is ignored. True: hosts() is another now.
  bool on_seen(const base::NodeId& by, const std::string& host);
  /// At most one of each family, IPv4 first, none of the host's own.
  const std::vector<std::string>& hosts() const { return hosts_; }

 private:
  struct Witness {
    base::NodeId by;
    std::string host;
  };
  bool judge();
  /// Empty: nobody has seen one, or most see the host's own.
  std::string favourite(bool six) const;
  bool is_own(const std::string& host) const;

  std::vector<std::string> own_;
  std::vector<Witness> witnesses_;  // the latest last
  std::vector<std::string> hosts_;
};

}  // namespace zel::relay
