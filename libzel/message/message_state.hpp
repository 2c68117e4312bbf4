// Why: what stands behind zel::Messages, and what libzel's other parts use of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "libzel/message/context.hpp"
#include "libzel/net/far_peer.hpp"
#include "wire/member.hpp"
#include "zel/messages.hpp"

namespace zel::detail {

class GroupState;

struct MessageSetup {
  int rank = 0;
  int size = 1;
  int local_size = 1;               // ranks of the job on this host
  std::vector<int> local_ranks;     // which, ascending, this one among them; empty: all
  int cores = 1;                    // cores they may use together: fewer than ranks means do not spin
  base::UniqueFd segment;           // the job's shared memory on this host, zero-filled at its start
  std::uint64_t segment_bytes = 0;  // its (sparse) size
  /// Hands posts and credit to the node, for ranks elsewhere. Called by one thread at a time.
  net::Carry carry;
  std::string host;                    // the same for all ranks on this host, another on others
  std::vector<std::string> addresses;  // where this rank may take connections; none: posts only
  std::vector<std::string> outside;    // where others see this host come from, if that is elsewhere
  bool shut = false;                   // others could not dial the node here
};

/// One member's message engine and its transport. One thread uses it, except where said otherwise.
class MessageState {
 public:
  /// Throws Error: usage, system, limit_reached (the segment cannot be used).
  explicit MessageState(MessageSetup setup);
  ~MessageState();

  // Ranks, tags and errors are those of zel::Messages.
  void send(int to, Context context, int tag, std::span<const std::byte> bytes);
  Envelope receive_into(std::span<std::byte> into, Context context, int from, int tag);
  std::vector<std::byte> receive(Context context, int from, int tag, Envelope* envelope);
  std::optional<Envelope> probe(Context context, int from, int tag);
  /// Waits until a message matches or `limit` is over (negative: for ever).
  std::optional<Envelope> wait_probe(Context context, int from, int tag, base::Duration limit);
  /// The wait_probe() for Context::task that goes on, or else the next one, returns early with nothing. Any thread.
  void interrupt_task_wait();
  void barrier();

  Request isend(int to, Context context, int tag, std::span<const std::byte> bytes);
  Request isend_kept(int to, Context context, int tag, std::vector<std::byte> bytes);
  Request ireceive(std::span<std::byte> into, Context context, int from, int tag);
  /// Into `vector`, which stays where it is.
  Request ireceive(std::vector<std::byte>& vector, Context context, int from, int tag);
  View receive_view(Context context, int from, int tag);

  int size() const;
  /// `ranks` in any order, this one among them. Throws Error: usage, limit_reached.
  std::shared_ptr<GroupState> open_group(std::vector<int> ranks);

  /// Whether a probe() may find what the last fruitless one did not: something arrived, or messages of
  /// Context::task wait. A few loads; made to be asked often.
  bool maybe_pending() const;

  /// The node brought this from a rank elsewhere. One other thread may call it.
  void post(wire::member::Post post);
  void post_credit(const wire::member::PostCredit& credit);
  /// The membership log said this rank died, or left (`in_order`). Wakes whoever waits. May be called from any thread.
  void member_gone(int rank, std::string cause, bool in_order = false);
  /// Waits until ranks elsewhere have what was sent to them, at most so long. Before this rank leaves.
  void drain(base::Duration limit);
  /// How other hosts were reached, for the node.
  std::vector<wire::paths::PathLine> path_report();
  /// The node is gone: every wait fails from now on. May be called from any thread.
  void node_gone(std::string cause);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zel::detail
