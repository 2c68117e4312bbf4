// Why: see table.hpp.
#include "table.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace capture {

// Zeroed memory comes from the system without being touched, so a large table costs a small search nothing.
Table::Table(std::size_t bytes)
    : bucket_count_(std::bit_floor(std::max<std::size_t>(bytes / sizeof(Bucket), 1))),
      memory_(std::calloc(bucket_count_ + 1, sizeof(Bucket))) {
  if (!memory_) throw std::bad_alloc();
  void* aligned = memory_.get();
  std::size_t space = (bucket_count_ + 1) * sizeof(Bucket);
  buckets_ = static_cast<Bucket*>(std::align(alignof(Bucket), this->bytes(), aligned, space));
}

std::size_t Table::bucket_of(const Stones& stones) const {
  std::uint64_t mixed = stones.first * 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 32) ^ stones.second) * 0xd6e8feb86659fd93u;
  mixed = (mixed ^ (mixed >> 32)) * 0xd6e8feb86659fd93u;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32)) & (bucket_count_ - 1);
}

std::optional<Bounds> Table::find(const Stones& stones) const {
  const Bucket& bucket = buckets_[bucket_of(stones)];
  for (std::size_t way = 0; way < ways; ++way) {
    if (bucket.first[way] != stones.first || bucket.second[way] != stones.second) continue;
    if (bucket.effort[way] != 0) return Bounds{bucket.lower[way], bucket.upper[way], bucket.move[way]};
  }
  return std::nullopt;
}

void Table::store(const Stones& stones, const Bounds& bounds, std::uint64_t effort) {
  Bucket& bucket = buckets_[bucket_of(stones)];
  const auto bits = static_cast<std::uint8_t>(std::max<int>(static_cast<int>(std::bit_width(effort)), 1));
  std::size_t chosen = ways;
  for (std::size_t way = 0; way < ways && chosen == ways; ++way) {
    if (bucket.first[way] == stones.first && bucket.second[way] == stones.second) chosen = way;
  }
  // The last way takes whatever comes, so that a bucket full of old hard results still learns.
  for (std::size_t way = 0; way < ways && chosen == ways; ++way) {
    if (bits >= bucket.effort[way] || way == ways - 1) chosen = way;
  }
  bucket.first[chosen] = stones.first;
  bucket.second[chosen] = stones.second;
  bucket.lower[chosen] = bounds.lower;
  bucket.upper[chosen] = bounds.upper;
  bucket.move[chosen] = bounds.move;
  bucket.effort[chosen] = bits;
}

}  // namespace capture
