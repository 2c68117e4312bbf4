#include "daemon/relay/outside.hpp"

#include <algorithm>

#include "wire/address.hpp"

namespace zel::relay {

namespace {

bool is_six(const std::string& host) { return host.find(':') != std::string::npos; }

}  // namespace

void Outside::set_own(const std::vector<wire::overlay::Address>& own) {
  own_.clear();
  for (const auto& address : own) own_.push_back(wire::canonical_host(address.host));
  judge();
}

bool Outside::is_own(const std::string& host) const { return std::find(own_.begin(), own_.end(), host) != own_.end(); }

bool Outside::on_seen(const base::NodeId& by, const std::string& host) {
  const std::string seen = wire::canonical_host(host);
  const wire::Scope scope = wire::scope_of(seen);
  if (scope == wire::Scope::none || (scope == wire::Scope::inside && is_own(seen))) return false;
  std::erase_if(witnesses_, [&](const Witness& witness) { return witness.by == by && is_six(witness.host) == is_six(seen); });
  witnesses_.push_back({by, seen});
  if (witnesses_.size() > max_witnesses) witnesses_.erase(witnesses_.begin());
  return judge();
}

std::string Outside::favourite(bool six) const {
  std::string best;
  std::ptrdiff_t most = 0;
  for (const Witness& witness : witnesses_) {
    if (is_six(witness.host) != six) continue;
    const auto votes = std::count_if(witnesses_.begin(), witnesses_.end(),
                                     [&](const Witness& other) { return other.host == witness.host; });
    if (votes < most) continue;  // of as many the latest
    most = votes;
    best = witness.host;
  }
  return is_own(best) ? std::string() : best;
}

bool Outside::judge() {
  std::vector<std::string> hosts;
  for (const bool six : {false, true}) {
    if (auto host = favourite(six); !host.empty()) hosts.push_back(std::move(host));
  }
  if (hosts == hosts_) return false;
  hosts_ = std::move(hosts);
  return true;
}

}  // namespace zel::relay
