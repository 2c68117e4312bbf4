// Why: which plan is best depends on how much data there is, how many take part, and whether cores are scarce. All
// members must choose the same, so only what is the same for all of them decides.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include "libzel/message/collective.hpp"

namespace zel::detail {

class MessageState;

/// One group as a member sees it.
class GroupState {
 public:
  /// `crowded`: all are on one host that has fewer cores than ranks.
  GroupState(MessageState& messages, message::Progress& progress, message::Collective& collective,
             std::shared_ptr<message::GroupRecord> record, bool crowded)
      : messages_(messages), progress_(progress), collective_(collective), record_(std::move(record)), crowded_(crowded) {}

  const std::vector<int>& ranks() const { return record_->ranks; }
  int size() const { return record_->size(); }
  int position() const { return record_->position; }
  /// Throws Error: usage, if it is no member.
  int position_of(int rank) const;
  std::vector<int> living() const;
  MessageState& messages() { return messages_; }

  static constexpr int everywhere = -1;  // as a root

  void barrier();
  void broadcast(std::span<std::byte> bytes, int root);
  void reduce(std::span<std::byte> bytes, std::size_t element_bytes, const message::Combine& combine, int root);
  void gather(std::span<const std::byte> mine, std::span<std::byte> all, int root);
  void scatter(std::span<const std::byte> all, std::span<std::byte> mine, int root);
  void alltoall(std::span<const std::byte> all, std::span<std::byte> received);

  void broadcast(std::vector<std::byte>& blob, int root);
  void reduce(std::vector<std::byte>& blob, const message::CombineBlobs& combine, int root);
  message::Blobs gather(std::vector<std::byte> mine, int root);
  std::vector<std::byte> scatter(message::Blobs blobs, int root);
  message::Blobs alltoall(message::Blobs blobs);

 private:
  enum class Kind { barrier, broadcast, reduce, allreduce, gather, allgather, scatter, alltoall };
  enum class Shape { flat, tree, wide };

  bool flat(std::size_t bytes) const;
  const message::Plan& plan(Kind kind, Shape shape, int root_position, std::size_t pieces);
  message::Plan make_plan(Kind kind, Shape shape, int root_position, std::size_t pieces) const;
  const message::Plan& gather_plan(int root, std::size_t all_bytes);
  void check_size(std::size_t all, std::size_t mine) const;
  int root_position(int root) const { return root == everywhere ? 0 : position_of(root); }

  MessageState& messages_;
  message::Progress& progress_;
  message::Collective& collective_;
  std::shared_ptr<message::GroupRecord> record_;
  bool crowded_;
  std::map<std::tuple<Kind, Shape, int, std::size_t>, message::Plan> plans_;
};

}  // namespace zel::detail
