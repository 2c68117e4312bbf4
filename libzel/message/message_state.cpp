// Why: see message_state.hpp. Each call states what it waits for; Progress does the waiting.
#include "libzel/message/message_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "libzel/message/intake.hpp"
#include "libzel/message/progress.hpp"
#include "libzel/message/sending.hpp"
#include "libzel/net/barrier.hpp"
#include "libzel/net/transport.hpp"

namespace zel::detail {

using message::Depth;
using message::Pattern;
using message::Receive;

namespace {

std::unique_ptr<net::Transport> open_transport(const MessageSetup& setup) {
  if (setup.size <= 1) return nullptr;
  if (setup.local_size != setup.size) {
    throw Error(Errc::usage, "ranks of this job are on other hosts, which messages do not reach: start it on one host");
  }
  auto transport = net::Transport::open(setup.segment.get(), setup.segment_bytes, setup.rank, setup.size);
  if (!transport) message::throw_as_zel(transport.error());
  return std::move(*transport);
}

/// Whatever happens to a receive, its memory is not written to after it.
class Begun {
 public:
  Begun(message::Intake& intake, Receive& receive) : intake_(intake), receive_(receive) { intake.begin(receive); }
  ~Begun() { intake_.end(receive_); }
  Begun(const Begun&) = delete;
  Begun& operator=(const Begun&) = delete;

 private:
  message::Intake& intake_;
  Receive& receive_;
};

}  // namespace

struct MessageState::Impl {
  explicit Impl(const MessageSetup& setup)
      : rank(setup.rank),
        size(setup.size),
        progress(setup.rank, setup.size, net::Patience(setup.local_size, setup.cores),
                 open_transport(setup)),
        sending(setup.rank, setup.size, progress) {
    if (progress.transport()) barrier.emplace(progress.transport()->segment(), rank, size);
  }

  void check_pattern(int from, int tag) const {
    if (from < any_rank || from >= size) message::throw_bad_rank(from, size);
    if (tag < any_tag || tag > max_tag) message::throw_bad_tag(tag);
  }
  /// Throws when nothing that matches `from` can come any more. After a thorough look.
  void check_hope(int from) const {
    progress.check_wait();
    if (from == any_rank) progress.check_anybody();
    else if (from != rank) progress.check_member(from);
    else throw Error(Errc::usage, "a rank that waits for its own message waits for ever: send it first");
  }
  void look(int from, Depth depth) {
    if (depth == Depth::quick && from != any_rank) progress.look_at(from);
    else progress.look_around();
  }

  void receive(Receive& receive);
  bool look_for(Receive& receive, Depth depth);
  void come_to_barrier();
  bool look_at_barrier(Depth depth);

  int rank;
  int size;
  message::Progress progress;
  message::Sending sending;
  std::optional<net::Barrier> barrier;
  bool at_barrier = false;  // came to it and was not let through yet
};

bool MessageState::Impl::look_for(Receive& receive, Depth depth) {
  // While a message fills the buffer only its sender matters.
  const bool filling = receive.state == Receive::State::filling;
  if (filling) progress.look_closely_at(receive.envelope.from, depth != Depth::quick);
  else look(receive.pattern.from, depth);
  if (receive.over()) return true;
  if (depth == Depth::quick) return false;
  if (receive.state == Receive::State::filling) progress.check_node();
  else check_hope(receive.pattern.from);
  return false;
}

void MessageState::Impl::receive(Receive& receive) {
  check_pattern(receive.pattern.from, receive.pattern.tag);
  const Begun begun(progress.intake(), receive);
  if (!receive.over()) {
    progress.wait(net::Deadline::none(), [&](Depth depth) { return look_for(receive, depth); });
  }
  if (receive.state == Receive::State::too_large) {
    throw Error(Errc::too_large, "a message of " + std::to_string(receive.envelope.bytes) + " bytes from rank " +
                                     std::to_string(receive.envelope.from) + " does not fit into a buffer of " +
                                     std::to_string(receive.into.size()) + " bytes; it stays unreceived",
                receive.envelope.from);
  }
}

void MessageState::Impl::come_to_barrier() {
  progress.look_if_pending();
  for (const int gone : progress.gone_ranks()) {
    if (!barrier->has_come(gone, true)) progress.throw_fate(gone);
  }
  at_barrier = true;
  if (!barrier->arrive()) return;
  progress.transport()->wake_others();
}

bool MessageState::Impl::look_at_barrier(Depth depth) {
  if (barrier->complete()) return true;
  if (depth == Depth::quick) return false;
  progress.look_around();
  if (barrier->complete()) return true;
  progress.check_wait();
  for (const int gone : progress.gone_ranks()) {
    if (!barrier->has_come(gone, false) && !barrier->complete()) progress.throw_fate(gone);
  }
  return false;
}

MessageState::MessageState(MessageSetup setup) {
  if (setup.size < 1 || setup.rank < 0 || setup.rank >= setup.size) message::throw_bad_rank(setup.rank, setup.size);
  impl_ = std::make_unique<Impl>(setup);
}
MessageState::~MessageState() = default;

void MessageState::send(int to, Context context, int tag, std::span<const std::byte> bytes) {
  impl_->sending.send(to, context, tag, bytes);
}

Envelope MessageState::receive_into(std::span<std::byte> into, Context context, int from, int tag) {
  Receive receive{.pattern = {context, from, tag}, .into = into};
  impl_->receive(receive);
  return receive.envelope;
}

std::vector<std::byte> MessageState::receive(Context context, int from, int tag, Envelope* envelope) {
  std::vector<std::byte> bytes;
  Receive receive{.pattern = {context, from, tag}, .vector = &bytes};
  impl_->receive(receive);
  if (envelope) *envelope = receive.envelope;
  return bytes;
}

std::optional<Envelope> MessageState::probe(Context context, int from, int tag) {
  impl_->check_pattern(from, tag);
  impl_->progress.look_if_pending();
  return impl_->progress.intake().find({context, from, tag});
}

std::optional<Envelope> MessageState::wait_probe(Context context, int from, int tag, base::Duration limit) {
  impl_->check_pattern(from, tag);
  auto& progress = impl_->progress;
  std::optional<Envelope> found = progress.intake().find({context, from, tag});
  if (found) return found;
  const bool bounded = limit.count() >= 0;
  progress.wait(net::Deadline(limit), [&](Depth depth) {
    impl_->look(from, depth);
    found = progress.intake().find({context, from, tag});
    if (found) return true;
    if (depth != Depth::quick) {
      // A wait that ends by itself may be hopeless without harm, but for a lost node or a full house.
      if (bounded) progress.check_wait();
      else impl_->check_hope(from);
    }
    return false;
  });
  return found;
}

void MessageState::barrier() {
  if (!impl_->barrier) return;
  // A barrier that was left by an error is gone on with, not come to twice.
  if (!impl_->at_barrier) impl_->come_to_barrier();
  impl_->progress.wait(net::Deadline::none(), [&](Depth depth) { return impl_->look_at_barrier(depth); });
  impl_->at_barrier = false;
}

bool MessageState::maybe_pending() const {
  return impl_->progress.maybe_pending() || impl_->progress.intake().waiting(Context::task) != 0;
}

void MessageState::member_gone(int rank, std::string cause) {
  impl_->progress.departures().member_gone(rank, std::move(cause));
  impl_->progress.wake();
}

void MessageState::node_gone(std::string cause) {
  impl_->progress.departures().node_gone(std::move(cause));
  impl_->progress.wake();
}

}  // namespace zel::detail
