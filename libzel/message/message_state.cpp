// Why: see message_state.hpp. Each call states what it waits for; Progress does the waiting.
#include "libzel/message/message_state.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include "libzel/message/barrier.hpp"
#include "libzel/message/buffers.hpp"
#include "libzel/message/collective.hpp"
#include "libzel/message/group_state.hpp"
#include "libzel/message/intake.hpp"
#include "libzel/message/progress.hpp"
#include "libzel/message/requests.hpp"
#include "libzel/message/sending.hpp"
#include "libzel/net/driver_loader.hpp"
#include "libzel/net/reach.hpp"

namespace zel::detail {

using message::Depth;
using message::Pattern;
using message::Receive;

namespace {

/// The ranks on this host.
std::vector<int> ranks_here(const MessageSetup& setup) {
  if (setup.local_ranks.empty()) {
    std::vector<int> all(static_cast<std::size_t>(setup.size));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  const auto& here = setup.local_ranks;
  const bool ascending = std::adjacent_find(here.begin(), here.end(), std::greater_equal<>()) == here.end();
  if (!ascending || here.front() < 0 || here.back() >= setup.size ||
      !std::binary_search(here.begin(), here.end(), setup.rank)) {
    throw Error(Errc::malformed, "the node's list of the ranks on this host makes no sense");
  }
  return here;
}

std::unique_ptr<net::Reach> open_reach(MessageSetup& setup) {
  if (setup.size <= 1) return nullptr;
  const std::vector<int> here = ranks_here(setup);
  std::unique_ptr<net::Transport> shared;
  if (here.size() > 1) {
    auto opened = net::Transport::open(setup.segment.get(), setup.segment_bytes, setup.rank, here);
    if (!opened) message::throw_as_zel(opened.error());
    shared = std::move(*opened);
  }
  std::unique_ptr<net::Far> far;
  if (here.size() < static_cast<std::size_t>(setup.size)) {
    if (!setup.carry) throw Error(Errc::usage, "ranks of this job are on other hosts, and nobody carries messages there");
    net::FarSetup elsewhere;
    elsewhere.rank = setup.rank;
    elsewhere.size = setup.size;
    elsewhere.seed = std::random_device()();
    elsewhere.host = std::move(setup.host);
    elsewhere.addresses = std::move(setup.addresses);
    elsewhere.outside = std::move(setup.outside);
    elsewhere.shut = setup.shut;
    elsewhere.carry = std::move(setup.carry);
    elsewhere.open_driver = net::load_driver;
    far = std::make_unique<net::Far>(std::move(elsewhere));
  }
  return std::make_unique<net::Reach>(setup.size, here, std::move(shared), std::move(far));
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
  explicit Impl(MessageSetup& setup)
      : rank(setup.rank),
        size(setup.size),
        progress(setup.rank, setup.size, net::Patience(setup.local_size, setup.cores),
                 open_reach(setup)),
        sending(setup.rank, setup.size, progress),
        barrier(setup.rank, setup.size, progress, sending),
        requests(setup.rank, progress, sending),
        collective(setup.rank, progress, sending),
        crowded(setup.local_size > setup.cores) {}

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

  int rank;
  int size;
  message::Progress progress;
  message::Sending sending;
  message::Barrier barrier;
  message::Requests requests;
  message::Collective collective;
  bool crowded;  // more ranks here than cores
  std::atomic<bool> interrupted{false};
  std::shared_ptr<Buffers> buffers = std::make_shared<Buffers>();
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
  const bool may_be_interrupted = context == Context::task;
  progress.wait(net::Deadline(limit), [&](Depth depth) {
    if (may_be_interrupted && impl_->interrupted.exchange(false, std::memory_order_acquire)) return true;
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

// The flag is set before the doorbell rings, so a sleeper that is woken by it, or one that was about to sleep,
// finds it.
void MessageState::interrupt_task_wait() {
  impl_->interrupted.store(true, std::memory_order_release);
  impl_->progress.wake();
}

Request MessageState::isend(int to, Context context, int tag, std::span<const std::byte> bytes) {
  return Request(impl_->requests.send(to, context, tag, bytes));
}

Request MessageState::isend_kept(int to, Context context, int tag, std::vector<std::byte> bytes) {
  return Request(impl_->requests.send_kept(to, context, tag, std::move(bytes)));
}

Request MessageState::ireceive(std::span<std::byte> into, Context context, int from, int tag) {
  impl_->check_pattern(from, tag);
  return Request(impl_->requests.receive(into, nullptr, {context, from, tag}));
}

Request MessageState::ireceive(std::vector<std::byte>& vector, Context context, int from, int tag) {
  impl_->check_pattern(from, tag);
  return Request(impl_->requests.receive({}, &vector, {context, from, tag}));
}

View MessageState::receive_view(Context context, int from, int tag) {
  const auto next = probe(context, from, tag);
  std::vector<std::byte> bytes = impl_->buffers->take(next ? next->bytes : 0);
  Receive receive{.pattern = {context, from, tag}, .vector = &bytes};
  impl_->receive(receive);
  return {impl_->buffers, std::move(bytes), receive.envelope.from, receive.envelope.tag};
}

void MessageState::barrier() { impl_->barrier.pass(); }

int MessageState::size() const { return impl_->size; }

std::shared_ptr<GroupState> MessageState::open_group(std::vector<int> ranks) {
  std::sort(ranks.begin(), ranks.end());
  if (std::adjacent_find(ranks.begin(), ranks.end()) != ranks.end()) throw Error(Errc::usage, "a rank is twice in a group");
  for (const int rank : ranks) {
    if (rank < 0 || rank >= impl_->size) message::throw_bad_rank(rank, impl_->size);
  }
  if (!std::binary_search(ranks.begin(), ranks.end(), impl_->rank)) {
    throw Error(Errc::usage, "rank " + std::to_string(impl_->rank) + " makes a group that it is no member of");
  }
  const net::Reach* reach = impl_->progress.reach();
  const bool crowded = impl_->crowded && reach &&
                       std::all_of(ranks.begin(), ranks.end(), [reach](int rank) { return reach->is_here(rank); });
  return std::make_shared<GroupState>(*this, impl_->progress, impl_->collective, impl_->collective.groups().find(ranks), crowded);
}

bool MessageState::maybe_pending() const {
  return impl_->progress.maybe_pending() || impl_->progress.intake().waiting(Context::task) != 0;
}

void MessageState::post(wire::member::Post post) {
  net::Reach* reach = impl_->progress.reach();
  if (reach && reach->deliver(std::move(post))) impl_->progress.wake();
}

void MessageState::post_credit(const wire::member::PostCredit& credit) {
  net::Reach* reach = impl_->progress.reach();
  if (reach && reach->credit(credit)) impl_->progress.wake();
}

void MessageState::drain(base::Duration limit) {
  if (net::Reach* reach = impl_->progress.reach()) reach->drain(limit);
}

std::vector<wire::paths::PathLine> MessageState::path_report() {
  net::Reach* reach = impl_->progress.reach();
  return reach ? reach->report() : std::vector<wire::paths::PathLine>();
}

void MessageState::member_gone(int rank, std::string cause, bool in_order) {
  if (net::Reach* reach = impl_->progress.reach()) reach->departed(rank);
  impl_->progress.departures().member_gone(rank, std::move(cause), in_order);
  impl_->progress.wake();
}

void MessageState::node_gone(std::string cause) {
  impl_->progress.departures().node_gone(std::move(cause));
  impl_->progress.wake();
}

}  // namespace zel::detail
