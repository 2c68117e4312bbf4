#include "daemon/io/link_counters.hpp"

namespace zel::io {

std::string_view name_of(LinkCount kind) {
  switch (kind) {
    case LinkCount::foreign_peer: return "links_foreign_peer";
    case LinkCount::malformed: return "links_malformed";
    case LinkCount::senseless: return "links_senseless";
    case LinkCount::wrong_version: return "links_wrong_version";
    case LinkCount::wrong_identity: return "links_wrong_identity";
    case LinkCount::unknown_link: return "links_unknown_link";
    case LinkCount::too_large: return "links_too_large";
    case LinkCount::dropped: return "links_dropped";
    case LinkCount::overflowed: return "links_overflowed";
    case LinkCount::broken: return "links_broken";
    case LinkCount::unanswered: return "links_unanswered";
    case LinkCount::full: return "links_full";
    case LinkCount::unreached: return "links_unreached";
  }
  return "";
}

void LinkCounters::add(LinkCount kind, base::Time now, const std::string& what) {
  Entry& entry = entries_[static_cast<std::size_t>(kind)];
  ++entry.count;
  if (now < entry.quiet_until) {
    ++entry.unlogged;
    return;
  }
  entry.quiet_until = now + std::chrono::seconds(1);
  const std::uint64_t more = std::exchange(entry.unlogged, 0);
  if (log_) log_(what + (more > 0 ? " (and " + std::to_string(more) + " more of this kind before)" : ""));
}

std::vector<wire::admin::Counter> LinkCounters::list() const {
  std::vector<wire::admin::Counter> all;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    all.push_back({std::string(name_of(static_cast<LinkCount>(i))), entries_[i].count});
  }
  return all;
}

}  // namespace zel::io
