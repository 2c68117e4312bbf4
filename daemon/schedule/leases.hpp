// Why: a core of this host is free, leased, claimed or used, one of them always, and whatever a seeker does
// or fails to do the first three lead back to free by themselves.
//
//   free --offer--> leased --claim--> claimed --commit--> used --release--> free
//                     | deadline, release, seeker lost |
//                     +-----------> free <-------------+
//
// A lease belongs to one search of one seeker; nobody else can move it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/node_id.hpp"
#include "base/time.hpp"
#include "daemon/schedule/config.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

class Leases {
 public:
  using Number = std::uint64_t;
  using SearchId = wire::schedule::SearchId;
  struct Offered {
    Number lease;
    std::uint32_t cores;
  };

  /// `first`: the first lease number; 0 is never one.
  Leases(std::uint32_t cores, const Config& config, Number first)
      : total_(cores), free_(cores), config_(&config), next_(first) {}

  /// Leases up to `cores` free ones, in multiples of `multiple`. A search that has an open lease here gets
  /// that one again, with a new deadline and as many cores as can be had now; but once it was offered for
  /// longest_offer it runs out, so that no seeker keeps a core by asking alone. Nothing: see why_not().
  std::optional<Offered> offer(const SearchId& search, std::uint32_t cores, std::uint32_t multiple,
                               base::Time now);
  /// For people: why offer() had nothing for this search.
  std::string why_not(const SearchId& search, std::uint32_t multiple) const;

  /// Takes `cores` of the lease, the rest is free. The same claim again is granted again.
  bool claim(const SearchId& search, Number lease, std::uint32_t cores, base::Time now);
  /// The seeker gives a lease or a claim back; what is used already stays. Whether there was one.
  bool give_back(const SearchId& search, Number lease);
  base::Result<std::uint32_t> commit(Number lease, const base::NodeId& seeker, base::Time now);
  /// By this host itself, in any state; nothing happens when it is gone already.
  void release(Number lease);
  /// Frees what this seeker leased or claimed; what is used stays.
  void lose(const base::NodeId& seeker);

  /// Frees what is over; returns how many leases that were.
  std::size_t expire(base::Time now);
  base::Time next_deadline() const { return deadlines_.empty() ? base::never : deadlines_.begin()->first; }

  std::uint32_t total() const { return total_; }
  std::uint32_t free() const { return free_; }
  std::uint32_t in_use() const { return used_ + claimed_; }
  std::size_t size() const { return leases_.size(); }
  /// Requests that got nothing, or no longer, because their seeker has had its share.
  std::uint64_t withheld() const { return withheld_; }
  bool consistent() const;

 private:
  enum class State : std::uint8_t { leased, claimed, used };
  struct Lease {
    SearchId search;
    std::uint32_t cores;
    State state;
    base::Time deadline;  // never, when used
    base::Time since;     // first offered
  };
  using Table = std::map<Number, Lease>;

  std::uint32_t& count_of(State state);
  void set_deadline(Table::value_type& lease, base::Time deadline);
  void move(Table::value_type& lease, State state, std::uint32_t cores, base::Time deadline);
  Table::iterator end(Table::iterator lease);
  bool is_at_limit(const base::NodeId& seeker) const;

  std::uint32_t total_;
  std::uint32_t free_;
  std::uint32_t leased_ = 0;
  std::uint32_t claimed_ = 0;
  std::uint32_t used_ = 0;
  const Config* config_;
  Number next_;
  std::uint64_t withheld_ = 0;
  Table leases_;
  std::map<SearchId, Number> of_search_;  // those not used yet: one per search
  std::set<std::pair<base::Time, Number>> deadlines_;
};

}  // namespace zel::schedule
