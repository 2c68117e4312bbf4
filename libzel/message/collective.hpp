// Why: whatever the collective operation, it is a plan played over memory; and whatever goes wrong, all members that
// wait for this one must learn it. That is done here, once.
//
// When it fails:
//  * a member died: at every member whose operation is not over, at once.
//  * a member left in order: at those it left without what they need of it (see Groups::ask), and at those who need
//    something of them.
//  * anything else (a program's operation threw, sizes differ, too much lies unreceived): here with that error, and
//    at all others, from this operation on, with group_broken.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "libzel/message/groups.hpp"
#include "libzel/message/progress.hpp"
#include "libzel/message/sending.hpp"

namespace zel::message {

/// Combines `theirs` with `ours`, into `ours`. `theirs_left`: theirs is the left operand.
using Combine = std::function<void(std::span<std::byte> ours, std::span<const std::byte> theirs, bool theirs_left)>;
/// The same for values of any size.
using CombineBlobs = std::function<void(std::vector<std::byte>& ours, const std::vector<std::byte>& theirs, bool theirs_left)>;
using Blobs = std::vector<std::vector<std::byte>>;

/// What the blocks of a plan are: places in buffers of known size …
struct FixedMemory {
  std::span<const std::byte> sent;
  std::span<std::byte> received;
  std::vector<std::size_t> offsets;  // of blocks; one more than there are
};
/// … or values of any size, each a message of its own.
struct BlobMemory {
  Blobs* sent;
  Blobs* received;
};

class Collective {
 public:
  Collective(int rank, Progress& progress, Sending& sending);

  Groups& groups() { return groups_; }
  void play(GroupRecord& group, const Plan& plan, const FixedMemory& memory, const Combine& combine);
  void play(GroupRecord& group, const Plan& plan, const BlobMemory& memory, const CombineBlobs& combine);
  /// Throws away what has come of operations that failed.
  void sweep();

 private:
  struct Running;

  template <class Memory, class Function>
  void run(GroupRecord& group, const Plan& plan, const Memory& memory, const Function& combine);
  void begin(Running& running, const Step& step, const FixedMemory& memory);
  void begin(Running& running, const Step& step, const BlobMemory& memory);
  void finish(Running& running, const Step& step, const FixedMemory& memory, const Combine& combine);
  void finish(Running& running, const Step& step, const BlobMemory& memory, const CombineBlobs& combine);
  void send(Running& running, int to, std::span<const std::byte> bytes);
  void receive(Running& running, int from, std::span<std::byte> into, std::vector<std::byte>* vector);
  void wait(Running& running);
  bool look(Running& running, Depth depth);
  void throw_if_broken(Running& running);
  void heed_the_gone(Running& running);
  void end_all(Running& running) noexcept;
  void fail(Running& running, const Plan& plan, const Break& broken, bool by_loss);
  void tell(int to, std::vector<std::byte> word);
  void hear_words();

  int rank_;
  Progress& progress_;
  Sending& sending_;
  Groups groups_;
  std::deque<std::vector<std::byte>> scratch_;  // from one operation to the next
};

}  // namespace zel::message
