// Why: what is refused, dropped or broken on links must be seen by whoever looks for a cause, and must not
// fill the log when somebody does it a thousand times a second: each kind is counted always and logged once a
// second.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "wire/admin.hpp"

namespace zel::io {

enum class LinkCount : std::uint8_t {
  foreign_peer,    // did not finish the handshake: garbage, silence, another realm's key
  malformed,       // a message that is none of ours
  senseless,       // came over a good link, and no protocol of a node knows it
  wrong_version,   // speaks another version
  wrong_identity,  // proved another id than the one wanted, or failed to prove one
  unknown_link,    // a message on a link that was never greeted
  too_large,       // a message of ours beyond the limit, not sent
  dropped,         // may_drop, and there was no room
  overflowed,      // must_arrive, and the queue was full: the link was broken
  broken,          // a link in use ended without a goodbye
  unanswered,      // nobody answered at any address
  full,            // no room for another link
  unreached,       // not sent: the peer was not reached lately and is not tried again yet
};
inline constexpr std::size_t link_count_kinds = static_cast<std::size_t>(LinkCount::unreached) + 1;

std::string_view name_of(LinkCount kind);

class LinkCounters {
 public:
  using Log = std::function<void(const std::string&)>;

  explicit LinkCounters(Log log) : log_(std::move(log)) {}

  void add(LinkCount kind, base::Time now, const std::string& what);
  std::uint64_t of(LinkCount kind) const { return entries_[static_cast<std::size_t>(kind)].count; }
  std::vector<wire::admin::Counter> list() const;

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::uint64_t unlogged = 0;
    base::Time quiet_until = base::Time::min();
  };
  Log log_;
  std::array<Entry, link_count_kinds> entries_;
};

}  // namespace zel::io
