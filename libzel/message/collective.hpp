// Why: whatever the collective operation, it is a plan played over memory; and whatever goes wrong, all members that
// wait for this one must learn it. That is done here, once.
// Among members that share memory, small operations in which all wait for all go over the board and need no plan.
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
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "libzel/message/groups.hpp"
#include "libzel/message/progress.hpp"
#include "libzel/message/sending.hpp"
#include "libzel/net/board.hpp"

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
  ~Collective();

  Groups& groups() { return groups_; }
  void play(GroupRecord& group, const Plan& plan, const FixedMemory& memory, const Combine& combine);
  void play(GroupRecord& group, const Plan& plan, const BlobMemory& memory, const CombineBlobs& combine);

  /// Whether all members share memory, and so many bytes of each fit on the board.
  bool can_share(const GroupRecord& group, std::size_t bytes) const;
  /// What is done with the note of the member at `position`: once for each, in their order, the own one too. Begins
  /// again with the first if one was taken down meanwhile, which is when the operation fails elsewhere.
  using Use = std::function<void(int position, std::span<const std::byte> note)>;
  /// Without messages: each member shows `mine`, all of one size, and sees all others'.
  void share(GroupRecord& group, std::span<const std::byte> mine, const Use& use);
  /// Throws away what has come of operations that failed.
  void sweep();

 private:
  struct Work;
  struct Running;

  template <class Memory, class Function>
  void run(GroupRecord& group, const Plan& plan, const Memory& memory, const Function& combine);
  void begin(Running& running, const Step& step, const FixedMemory& memory);
  void begin(Running& running, const Step& step, const BlobMemory& memory);
  void finish(Running& running, const Step& step, const FixedMemory& memory, const Combine& combine);
  void finish(Running& running, const Step& step, const BlobMemory& memory, const CombineBlobs& combine);
  [[noreturn]] static void throw_other_size(int from, std::size_t bytes, std::size_t wanted);
  void send(Running& running, int to, std::span<const std::byte> bytes);
  void receive(Running& running, int from, std::span<std::byte> into, std::vector<std::byte>* vector);
  void wait(Running& running);
  bool look(Running& running, Depth depth);
  void throw_if_broken(Running& running);
  void heed_the_gone(Running& running);
  void end_all(Running& running) noexcept;
  /// Does it; if it fails, tells those who must know. `owed`: whom this member still owes something.
  void guarded(Running& running, const std::function<std::set<int>()>& owed, const std::function<void()>& body);
  /// `known`: others know or hear of it by themselves, but for those who are owed something.
  void fail(Running& running, const Break& broken, bool known, const std::function<std::set<int>()>& owed);
  void wait_for_place(Running& running);
  void wait_for_notes(Running& running, std::uint64_t key);
  bool look_for_notes(Running& running, std::uint64_t key, Depth depth);
  bool use_notes(Running& running, std::uint64_t key, std::size_t bytes, const Use& use);
  void tell(int to, std::vector<std::byte> word);
  void hear_words();

  int rank_;
  Progress& progress_;
  Sending& sending_;
  Groups groups_;
  std::unique_ptr<Work> spare_work_;  // from one operation to the next: making it anew costs more than a short message
  std::optional<net::Board> board_;
};

}  // namespace zel::message
