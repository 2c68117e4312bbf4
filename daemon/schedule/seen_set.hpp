// Why: a flood comes to a node by many ways and must be handled once. What is remembered is bounded: the
// oldest is forgotten when it is old enough or when the set is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/time.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

class SeenSet {
 public:
  SeenSet(std::size_t limit, base::Duration life) : limit_(limit), life_(life) {}

  bool contains(const wire::schedule::SearchId& search, std::uint32_t round) const;
  /// Whether it was new. `now` never goes back.
  bool insert(const wire::schedule::SearchId& search, std::uint32_t round, base::Time now);
  std::size_t size() const { return members_.size(); }

 private:
  struct Key {
    wire::schedule::SearchId search;
    std::uint32_t round;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Entry {
    Key key;
    base::Time at;
  };
  void forget_oldest();

  std::size_t limit_;
  base::Duration life_;
  std::unordered_set<Key, Hash> members_;  // looked up, never walked
  std::vector<Entry> order_;               // from first_ on, oldest first
  std::size_t first_ = 0;
};

}  // namespace zel::schedule
