// Why: see group_state.hpp.
#include "libzel/message/group_state.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "libzel/message/message_state.hpp"

namespace zel::detail {

using message::Blobs;
using message::BlobMemory;
using message::FixedMemory;
using message::Plan;

namespace {

// Estimates from what a wake-up and a copy cost; bench/message is where to test them.
constexpr std::size_t flat_bytes = 64u << 10;        // up to here few wake-ups matter most, if cores are scarce
constexpr int flat_members = 64;
constexpr std::size_t doubling_bytes = 16u << 10;    // up to here few steps matter more than few bytes
constexpr std::size_t piece_bytes = 64u << 10;       // half of what a ring holds
constexpr std::size_t max_pieces = 1024;
constexpr int at_once_members = 32;                  // up to here all talk to all at once
constexpr std::size_t max_plans = 64;

std::vector<std::size_t> even_offsets(std::size_t blocks, std::size_t block_bytes) {
  std::vector<std::size_t> offsets(blocks + 1);
  for (std::size_t block = 0; block <= blocks; ++block) offsets[block] = block * block_bytes;
  return offsets;
}

/// `bytes` cut into blocks at whole elements.
std::vector<std::size_t> cut_offsets(std::size_t blocks, std::size_t bytes, std::size_t element_bytes) {
  const std::size_t elements = bytes / element_bytes;
  std::vector<std::size_t> offsets(blocks + 1);
  for (std::size_t block = 0; block <= blocks; ++block) {
    offsets[block] = (elements / blocks * block + elements % blocks * block / blocks) * element_bytes;
  }
  return offsets;
}

void copy(std::span<std::byte> to, std::span<const std::byte> from) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

const message::Combine nothing_combined;
const message::CombineBlobs no_blobs_combined;

}  // namespace

int GroupState::position_of(int rank) const {
  if (const auto position = record_->position_of(rank)) return *position;
  throw Error(Errc::usage, "rank " + std::to_string(rank) + " is no member of this group", rank);
}

std::vector<int> GroupState::living() const {
  progress_.hear_departures();
  std::vector<int> living;
  // Another member may have told this one before the log did.
  const auto& broken = record_->broken;
  const int told = broken && broken->code == Errc::member_lost ? broken->rank : -1;
  for (const int rank : record_->ranks) {
    if (!progress_.gone(rank) && rank != told) living.push_back(rank);
  }
  return living;
}

bool GroupState::flat(std::size_t bytes) const { return crowded_ && size() <= flat_members && bytes <= flat_bytes; }

Plan GroupState::make_plan(Kind kind, Shape shape, int root, std::size_t pieces) const {
  const message::Place place = record_->place();
  const bool is_flat = shape == Shape::flat;
  switch (kind) {
    case Kind::barrier: return is_flat ? message::flat::barrier(place) : message::tree::barrier(place);
    case Kind::broadcast:
      return is_flat ? message::flat::broadcast(place, root) : message::tree::broadcast(place, root, pieces);
    case Kind::reduce: return is_flat ? message::flat::reduce(place, root) : message::tree::reduce(place, root);
    case Kind::allreduce:
      if (shape == Shape::wide) return message::wide::allreduce(place);
      return is_flat ? message::flat::allreduce(place) : message::tree::allreduce(place);
    case Kind::gather: return message::flat::gather(place, root);
    case Kind::allgather:
      if (shape == Shape::wide) return message::wide::allgather(place);
      return is_flat ? message::flat::allgather(place) : message::tree::allgather(place);
    case Kind::scatter: return message::flat::scatter(place, root);
    case Kind::alltoall: return is_flat ? message::flat::alltoall(place) : message::wide::alltoall(place);
  }
  return {};
}

const Plan& GroupState::plan(Kind kind, Shape shape, int root, std::size_t pieces) {
  const auto key = std::tuple(kind, shape, root, pieces);
  const auto known = plans_.find(key);
  if (known != plans_.end()) return known->second;
  if (plans_.size() == max_plans) plans_.clear();
  return plans_.emplace(key, make_plan(kind, shape, root, pieces)).first->second;
}

void GroupState::barrier() {
  if (collective_.can_share(*record_, 0)) {
    collective_.share(*record_, {}, [](int, std::span<const std::byte>) {});
    return;
  }
  collective_.play(*record_, plan(Kind::barrier, flat(0) ? Shape::flat : Shape::tree, 0, 1), FixedMemory{{}, {}, {0}}, nothing_combined);
}

void GroupState::broadcast(std::span<std::byte> bytes, int root) {
  const Shape shape = flat(bytes.size()) ? Shape::flat : Shape::tree;
  const std::size_t pieces = std::clamp<std::size_t>(bytes.size() / piece_bytes, 1, max_pieces);
  const Plan& plan = this->plan(Kind::broadcast, shape, root_position(root), shape == Shape::flat ? 1 : pieces);
  collective_.play(*record_, plan, FixedMemory{bytes, bytes, cut_offsets(plan.blocks, bytes.size(), 1)}, nothing_combined);
}

void GroupState::reduce(std::span<std::byte> bytes, std::size_t element_bytes, const message::Combine& combine, int root) {
  if (element_bytes == 0 || bytes.size() % element_bytes != 0) {
    throw Error(Errc::usage, "what is combined must be whole elements");
  }
  if (root == everywhere && collective_.can_share(*record_, bytes.size())) {
    // The order of ranks, whoever does it: the same result everywhere.
    collective_.share(*record_, bytes, [&](int position, std::span<const std::byte> note) {
      if (position == 0) copy(bytes, note);
      else combine(bytes, note, false);
    });
    return;
  }
  Shape shape = flat(bytes.size()) ? Shape::flat : Shape::tree;
  if (root == everywhere && shape == Shape::tree && bytes.size() > doubling_bytes) shape = Shape::wide;
  const Plan& plan = this->plan(root == everywhere ? Kind::allreduce : Kind::reduce, shape, root_position(root), 1);
  collective_.play(*record_, plan, FixedMemory{bytes, bytes, cut_offsets(plan.blocks, bytes.size(), element_bytes)}, combine);
}

void GroupState::check_size(std::size_t all, std::size_t mine) const {
  if (all / static_cast<std::size_t>(size()) == mine && all % static_cast<std::size_t>(size()) == 0) return;
  throw Error(Errc::usage, "a buffer for all members must be " + std::to_string(size()) + " times as large as one member's part");
}

const Plan& GroupState::gather_plan(int root, std::size_t all_bytes) {
  if (root != everywhere) return plan(Kind::gather, Shape::flat, position_of(root), 1);
  const Shape shape = all_bytes > flat_bytes ? Shape::wide : flat(all_bytes) ? Shape::flat : Shape::tree;
  return plan(Kind::allgather, shape, 0, 1);
}

void GroupState::gather(std::span<const std::byte> mine, std::span<std::byte> all, int root) {
  if (root == everywhere && collective_.can_share(*record_, mine.size())) {
    check_size(all.size(), mine.size());
    collective_.share(*record_, mine, [&](int position, std::span<const std::byte> note) {
      copy(all.subspan(static_cast<std::size_t>(position) * mine.size()), note);
    });
    return;
  }
  const bool here = root == everywhere || position_of(root) == position();
  const Plan& plan = gather_plan(root, mine.size() * static_cast<std::size_t>(size()));
  if (here) {
    check_size(all.size(), mine.size());
    copy(all.subspan(mine.size() * static_cast<std::size_t>(position())), mine);
    collective_.play(*record_, plan, FixedMemory{all, all, even_offsets(plan.blocks, mine.size())}, nothing_combined);
    return;
  }
  // Only the own block is sent: it is all that offsets may lead to.
  std::vector<std::size_t> offsets(plan.blocks + 1, 0);
  std::fill(offsets.begin() + position() + 1, offsets.end(), mine.size());
  collective_.play(*record_, plan, FixedMemory{mine, {}, std::move(offsets)}, nothing_combined);
}

void GroupState::scatter(std::span<const std::byte> all, std::span<std::byte> mine, int root) {
  const Plan& plan = this->plan(Kind::scatter, Shape::flat, position_of(root), 1);
  if (position_of(root) == position()) {
    check_size(all.size(), mine.size());
    copy(mine, all.subspan(mine.size() * static_cast<std::size_t>(position()), mine.size()));
    collective_.play(*record_, plan, FixedMemory{all, {}, even_offsets(plan.blocks, mine.size())}, nothing_combined);
    return;
  }
  std::vector<std::size_t> offsets(plan.blocks + 1, 0);
  std::fill(offsets.begin() + position() + 1, offsets.end(), mine.size());
  collective_.play(*record_, plan, FixedMemory{{}, mine, std::move(offsets)}, nothing_combined);
}

void GroupState::alltoall(std::span<const std::byte> all, std::span<std::byte> received) {
  const std::size_t bytes = all.size() / static_cast<std::size_t>(size());
  check_size(all.size(), bytes);
  if (received.size() != all.size()) throw Error(Errc::usage, "alltoall receives as much as it sends");
  const std::size_t own = bytes * static_cast<std::size_t>(position());
  copy(received.subspan(own), all.subspan(own, bytes));
  const Plan& plan = this->plan(Kind::alltoall, size() <= at_once_members ? Shape::flat : Shape::wide, 0, 1);
  collective_.play(*record_, plan, FixedMemory{all, received, even_offsets(plan.blocks, bytes)}, nothing_combined);
}

void GroupState::broadcast(std::vector<std::byte>& blob, int root) {
  Blobs blobs(1);
  if (position_of(root) == position()) blobs[0] = std::move(blob);
  const Plan& plan = this->plan(Kind::broadcast, flat(0) ? Shape::flat : Shape::tree, position_of(root), 1);
  collective_.play(*record_, plan, BlobMemory{&blobs, &blobs}, no_blobs_combined);
  blob = std::move(blobs[0]);
}

void GroupState::reduce(std::vector<std::byte>& blob, const message::CombineBlobs& combine, int root) {
  Blobs blobs(1);
  blobs[0] = std::move(blob);
  const Plan& plan = this->plan(root == everywhere ? Kind::allreduce : Kind::reduce, flat(0) ? Shape::flat : Shape::tree,
                                root_position(root), 1);
  collective_.play(*record_, plan, BlobMemory{&blobs, &blobs}, combine);
  blob = std::move(blobs[0]);
}

Blobs GroupState::gather(std::vector<std::byte> mine, int root) {
  Blobs blobs(static_cast<std::size_t>(size()));
  blobs[static_cast<std::size_t>(position())] = std::move(mine);
  collective_.play(*record_, gather_plan(root, 0), BlobMemory{&blobs, &blobs}, no_blobs_combined);
  if (root != everywhere && position_of(root) != position()) blobs.clear();
  return blobs;
}

std::vector<std::byte> GroupState::scatter(Blobs blobs, int root) {
  blobs.resize(static_cast<std::size_t>(size()));
  collective_.play(*record_, plan(Kind::scatter, Shape::flat, position_of(root), 1), BlobMemory{&blobs, &blobs}, no_blobs_combined);
  return std::move(blobs[static_cast<std::size_t>(position())]);
}

Blobs GroupState::alltoall(Blobs blobs) {
  Blobs received(static_cast<std::size_t>(size()));
  const auto own = static_cast<std::size_t>(position());
  received[own] = blobs[own];
  const Plan& plan = this->plan(Kind::alltoall, size() <= at_once_members ? Shape::flat : Shape::wide, 0, 1);
  collective_.play(*record_, plan, BlobMemory{&blobs, &received}, no_blobs_combined);
  return received;
}

}  // namespace zel::detail
