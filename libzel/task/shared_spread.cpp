// Why: see shared_spread.hpp.
#include "libzel/task/shared_spread.hpp"

#include <algorithm>
#include <utility>

#include "libzel/task/lifelines.hpp"

namespace zel::task {

SharedSpread::SharedSpread(const SpreadSetup& setup, SharedValues& values) : setup_(setup), values_(values) {}

SharedSpread::Peer* SharedSpread::find(int rank) {
  const auto peer =
      std::find_if(lifelines_.begin(), lifelines_.end(), [rank](const Peer& p) { return p.rank == rank; });
  return peer == lifelines_.end() ? nullptr : &*peer;
}

std::size_t SharedSpread::index_of(std::uint64_t key) const {
  std::size_t index = 0;
  while (index < values_.count() && values_.key(index) != key) ++index;
  return index;
}

void SharedSpread::on_members(const std::vector<int>& present) {
  std::vector<Peer> lifelines;
  for (const int rank : lifelines_of(setup_.rank, present)) {
    Peer* const known = find(rank);
    lifelines.push_back(known != nullptr ? std::move(*known)
                                         : Peer{rank, std::vector<Told>(values_.count())});
  }
  lifelines_ = std::move(lifelines);
}

bool SharedSpread::on_told(int from, std::uint64_t key, base::ByteView packed) {
  const std::size_t index = index_of(key);
  if (index == values_.count()) return false;
  // If another thread improves it as well, the version is a later one, and `from` is told of that.
  const std::uint64_t if_nobody_else = values_.version(index) + 1;
  const SharedValues::Taken taken = values_.take(index, packed);
  if (taken == SharedValues::Taken::malformed) return false;
  Peer* const peer = find(from);
  if (peer != nullptr && taken == SharedValues::Taken::better) peer->told[index].version = if_nobody_else;
  return true;
}

bool SharedSpread::on_answer(int from, std::uint64_t key) {
  const std::size_t index = index_of(key);
  if (index == values_.count()) return false;
  Peer* const peer = find(from);
  if (peer == nullptr) return true;  // it was a lifeline once
  return std::exchange(peer->told[index].unanswered, false);
}

std::vector<Tell> SharedSpread::take_due(base::Time now) {
  std::vector<Tell> tells;
  for (std::size_t index = 0; index < values_.count(); ++index) {
    const std::uint64_t version = values_.version(index);  // before the value is read, which may be better
    for (Peer& peer : lifelines_) {
      Told& told = peer.told[index];
      if (!may_tell(told, version) || now < told.next) continue;
      told = {.version = version, .unanswered = true, .next = now + setup_.interval};
      tells.push_back({peer.rank, values_.key(index), values_.pack(index)});
    }
  }
  return tells;
}

base::Time SharedSpread::next_deadline() const {
  base::Time earliest = base::never;
  for (std::size_t index = 0; index < values_.count(); ++index) {
    const std::uint64_t version = values_.version(index);
    for (const Peer& peer : lifelines_) {
      if (may_tell(peer.told[index], version)) earliest = std::min(earliest, peer.told[index].next);
    }
  }
  return earliest;
}

}  // namespace zel::task
