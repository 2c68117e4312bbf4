// Why: see zel/group.hpp.
#include "zel/group.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "libzel/message/group_state.hpp"
#include "libzel/message/message_state.hpp"

namespace zel {
namespace {

std::vector<int> all_ranks(const detail::MessageState& messages) {
  std::vector<int> ranks(static_cast<std::size_t>(messages.size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

}  // namespace

Group::Group(std::shared_ptr<detail::GroupState> state) : state_(std::move(state)) {}
Group::Group(Messages& messages) : Group(messages, all_ranks(*messages.state_)) {}
Group::Group(Messages& messages, std::vector<int> ranks) : state_(messages.state_->open_group(std::move(ranks))) {}

Group Group::without_lost() const { return Group(state_->messages().open_group(state_->living())); }

const std::vector<int>& Group::ranks() const { return state_->ranks(); }
int Group::size() const { return state_->size(); }
int Group::position() const { return state_->position(); }
bool Group::is_me(int root) const { return state_->position_of(root) == state_->position(); }

void Group::check_count(std::size_t values) const {
  if (values == static_cast<std::size_t>(size())) return;
  throw Error(Errc::usage, std::to_string(values) + " values were given for the " + std::to_string(size()) + " members of a group");
}

void Group::barrier() { state_->barrier(); }
void Group::broadcast_bytes(std::span<std::byte> bytes, int root) { state_->broadcast(bytes, root); }
void Group::reduce_bytes(std::span<std::byte> bytes, std::size_t element_bytes, const Combine& combine, int root) {
  state_->position_of(root);
  state_->reduce(bytes, element_bytes, combine, root);
}
void Group::allreduce_bytes(std::span<std::byte> bytes, std::size_t element_bytes, const Combine& combine) {
  state_->reduce(bytes, element_bytes, combine, everywhere);
}
void Group::gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all, int root) {
  state_->position_of(root);
  state_->gather(mine, all, root);
}
void Group::allgather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) { state_->gather(mine, all, everywhere); }
void Group::scatter_bytes(std::span<const std::byte> all, std::span<std::byte> mine, int root) { state_->scatter(all, mine, root); }
void Group::alltoall_bytes(std::span<const std::byte> all, std::span<std::byte> received) { state_->alltoall(all, received); }

void Group::broadcast_blob(Blob& blob, int root) { state_->broadcast(blob, root); }
void Group::reduce_blob(Blob& blob, const CombineBlobs& combine, int root) { state_->reduce(blob, combine, root); }
std::vector<Group::Blob> Group::gather_blobs(Blob mine, int root) { return state_->gather(std::move(mine), root); }
Group::Blob Group::scatter_blobs(std::vector<Blob> blobs, int root) { return state_->scatter(std::move(blobs), root); }
std::vector<Group::Blob> Group::alltoall_blobs(std::vector<Blob> blobs) { return state_->alltoall(std::move(blobs)); }

}  // namespace zel
