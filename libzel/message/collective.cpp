// Why: see collective.hpp.
#include "libzel/message/collective.hpp"

#include <algorithm>
#include <exception>
#include <string>

#include "libzel/message/collective_running.hpp"

namespace zel::message {
namespace {

constexpr std::size_t max_kept_scratch_bytes = 4u << 20;

}  // namespace

Collective::Collective(int rank, Progress& progress, Sending& sending)
    : rank_(rank),
      progress_(progress),
      sending_(sending),
      groups_(rank, [this](int to, std::vector<std::byte> word) { tell(to, std::move(word)); },
              [this](int other) { return progress_.gone(other); }) {
  progress_.on_words([this] { hear_words(); });
  if (progress_.reach() && progress_.reach()->shared()) board_.emplace(progress_.reach()->shared()->segment(), rank);
}
Collective::~Collective() = default;

void Collective::play(GroupRecord& group, const Plan& plan, const FixedMemory& memory, const Combine& combine) {
  run(group, plan, memory, combine);
}
void Collective::play(GroupRecord& group, const Plan& plan, const BlobMemory& memory, const CombineBlobs& combine) {
  run(group, plan, memory, combine);
}

template <class Memory, class Function>
void Collective::run(GroupRecord& group, const Plan& plan, const Memory& memory, const Function& combine) {
  // Begun before anything is heard: whoever asks must know that this rank is on its way.
  Running running{.group = group, .operation = group.begun++};
  running.work = spare_work_ ? std::move(spare_work_) : std::make_unique<Work>();
  const auto owed = [&] {
    std::set<int> members;
    for (std::size_t step = running.step; step < plan.steps.size(); ++step) {
      for (const Transfer& send : plan.steps[step].sends) members.insert(group.rank_at(send.peer));
    }
    return members;
  };
  guarded(running, owed, [&] {
    progress_.look_if_pending();
    throw_if_broken(running);
    if (!groups_.dead_tags().empty()) sweep();
    for (const Step& step : plan.steps) {
      begin(running, step, memory);
      wait(running);
      finish(running, step, memory, combine);
      end_all(running);
      ++running.step;
    }
    std::erase_if(running.work->scratch, [](const auto& kept) { return kept.capacity() > max_kept_scratch_bytes; });
    spare_work_ = std::move(running.work);
  });
}

void Collective::guarded(Running& running, const std::function<std::set<int>()>& owed, const std::function<void()>& body) {
  const auto could_not = [this](const std::string& why) { return "rank " + std::to_string(rank_) + " could not go on" + why; };
  try {
    body();
  } catch (const Error& error) {
    const bool by_loss = error.code() == Errc::member_lost && error.rank() >= 0;
    const bool known = by_loss || error.code() == Errc::group_broken;
    fail(running, {running.operation, by_loss ? Errc::member_lost : Errc::group_broken, known ? error.rank() : rank_,
                   known ? error.what() : could_not(std::string(": ") + error.what())}, known, owed);
    throw;
  } catch (const std::exception& error) {
    fail(running, {running.operation, Errc::group_broken, rank_, could_not(std::string(": ") + error.what())}, false, owed);
    throw;
  } catch (...) {
    fail(running, {running.operation, Errc::group_broken, rank_, could_not("")}, false, owed);
    throw;
  }
}

void Collective::send(Running& running, int to, std::span<const std::byte> bytes) {
  running.work->sends.push_back({.to = to, .context = Context::collective, .tag = running.group.tag(), .bytes = bytes});
  try {
    sending_.begin(running.work->sends.back());
  } catch (...) {
    running.work->sends.pop_back();
    throw;
  }
}

void Collective::receive(Running& running, int from, std::span<std::byte> into, std::vector<std::byte>* vector) {
  running.work->receives.push_back(
      {.pattern = {Context::collective, from, running.group.tag()}, .into = into, .vector = vector});
  progress_.intake().post(running.work->receives.back());
}

void Collective::begin(Running& running, const Step& step, const FixedMemory& memory) {
  const auto bytes_of = [&](const Transfer& transfer) { return memory.offsets[transfer.last] - memory.offsets[transfer.first]; };
  for (const Transfer& transfer : step.receives) {
    const std::size_t bytes = bytes_of(transfer);
    running.work->wanted_bytes.push_back(bytes);
    std::span<std::byte> into = memory.received.subspan(memory.offsets[transfer.first], bytes);
    if (transfer.use != Transfer::Use::place) {
      std::vector<std::byte>& scratch = running.work->next_scratch();
      if (scratch.size() < bytes) scratch.resize(bytes);
      into = std::span(scratch).first(bytes);
    }
    receive(running, running.group.rank_at(transfer.peer), into, nullptr);
  }
  for (const Transfer& transfer : step.sends) {
    send(running, running.group.rank_at(transfer.peer), memory.sent.subspan(memory.offsets[transfer.first], bytes_of(transfer)));
  }
}

void Collective::begin(Running& running, const Step& step, const BlobMemory& memory) {
  for (const Transfer& transfer : step.receives) {
    for (std::size_t block = transfer.first; block < transfer.last; ++block) {
      const bool place = transfer.use == Transfer::Use::place;
      receive(running, running.group.rank_at(transfer.peer), {}, place ? &(*memory.received)[block] : &running.work->next_scratch());
    }
  }
  for (const Transfer& transfer : step.sends) {
    for (std::size_t block = transfer.first; block < transfer.last; ++block) {
      send(running, running.group.rank_at(transfer.peer), (*memory.sent)[block]);
    }
  }
}

void Collective::throw_other_size(int from, std::size_t bytes, std::size_t wanted) {
  throw Error(Errc::malformed, "rank " + std::to_string(from) + " sent " + std::to_string(bytes) + " bytes to a collective operation in which " +
                                   std::to_string(wanted) + " were expected: all must call the same one with the same sizes", from);
}

void Collective::finish(Running& running, const Step& step, const FixedMemory& memory, const Combine& combine) {
  for (std::size_t at = 0; at < step.receives.size(); ++at) {
    const Transfer& transfer = step.receives[at];
    const Receive& receive = running.work->receives[at];
    const std::size_t wanted = running.work->wanted_bytes[at];
    if (receive.state != Receive::State::done || receive.envelope.bytes != wanted) {
      throw_other_size(receive.envelope.from, receive.envelope.bytes, wanted);
    }
    if (transfer.use == Transfer::Use::place) continue;
    combine(memory.received.subspan(memory.offsets[transfer.first], wanted), receive.into, transfer.use == Transfer::Use::left);
  }
}

void Collective::finish(Running& running, const Step& step, const BlobMemory& memory, const CombineBlobs& combine) {
  std::size_t at = 0;
  for (const Transfer& transfer : step.receives) {
    for (std::size_t block = transfer.first; block < transfer.last; ++block, ++at) {
      if (transfer.use == Transfer::Use::place) continue;
      combine((*memory.received)[block], *running.work->receives[at].vector, transfer.use == Transfer::Use::left);
    }
  }
}

void Collective::wait(Running& running) {
  running.work->first_unfinished = 0;
  progress_.wait(net::Deadline::none(), [&](Depth depth) { return look(running, depth); });
  for (const Outgoing& send : running.work->sends) send.throw_if_failed();
}

bool Collective::look(Running& running, Depth depth) {
  const auto over = [&] {
    while (running.work->first_unfinished < running.work->receives.size() && running.work->receives[running.work->first_unfinished].over()) {
      ++running.work->first_unfinished;
    }
    return running.work->first_unfinished == running.work->receives.size() &&
           std::all_of(running.work->sends.begin(), running.work->sends.end(), [](const Outgoing& send) { return send.over(); });
  };
  if (over()) return true;
  if (depth == Depth::quick) {
    if (!progress_.outbox().empty()) progress_.outbox().push();
    if (running.work->first_unfinished < running.work->receives.size()) progress_.look_at(running.work->receives[running.work->first_unfinished].pattern.from);
    return over();
  }
  progress_.look_around();
  if (over()) return true;
  throw_if_broken(running);
  progress_.check_wait();
  heed_the_gone(running);
  return false;
}

void Collective::throw_if_broken(Running& running) {
  progress_.hear_departures();
  progress_.check_node();
  for (const int gone : progress_.gone_ranks()) {
    if (!progress_.left_in_order(gone) && running.group.position_of(gone)) {
      throw Error(Errc::member_lost, progress_.fate_text(gone), gone);
    }
  }
  if (const auto broken = running.group.broken_at(running.operation)) throw Error(broken->code, broken->text, broken->rank);
}

/// Those who left in order may have done their part before.
void Collective::heed_the_gone(Running& running) {
  for (const int gone : progress_.gone_ranks()) {
    if (!running.group.position_of(gone) || !progress_.settled(gone)) continue;
    for (const Receive& receive : running.work->receives) {
      if (receive.over()) continue;
      const int from = receive.pattern.from;
      if (from == gone) throw Error(Errc::member_lost, progress_.fate_text(gone), gone);
      if (running.asked.emplace(from, gone).second) groups_.ask(running.group, running.operation, from, gone);
    }
  }
}

void Collective::end_all(Running& running) noexcept {
  if (!running.work) return;
  for (Receive& receive : running.work->receives) progress_.intake().end(receive);
  for (Outgoing& send : running.work->sends) progress_.outbox().withdraw(send);
  running.work->receives.clear();
  running.work->sends.clear();
  running.work->wanted_bytes.clear();
  running.work->scratch_used = 0;
}

void Collective::fail(Running& running, const Break& broken, bool known, const std::function<std::set<int>()>& owed) {
  end_all(running);
  const auto& all = running.group.ranks;
  groups_.break_off(running.group, broken, known ? owed() : std::set<int>(all.begin(), all.end()));
  sweep();
}

void Collective::tell(int to, std::vector<std::byte> word) {
  if (to == rank_ || progress_.gone(to)) return;
  try {
    progress_.outbox().send_and_forget(to, sending_.writer(to), Context::word, 0, std::move(word));
  } catch (const Error&) {
    // No way there: then it waits for nothing of this rank's either.
  }
}

void Collective::hear_words() {
  Intake& intake = progress_.intake();
  while (intake.find({Context::word, -1, -1})) {
    std::vector<std::byte> word;
    Receive receive{.pattern = {Context::word, -1, -1}, .vector = &word};
    intake.post(receive);
    const bool done = receive.state == Receive::State::done;
    const int from = receive.envelope.from;
    intake.end(receive);
    if (done) groups_.hear(from, word);
  }
}

void Collective::sweep() {
  Intake& intake = progress_.intake();
  for (const int tag : groups_.dead_tags()) {
    if (intake.waiting(Context::collective) == 0) return;
    while (intake.find({Context::collective, -1, tag})) {
      std::vector<std::byte> nothing;
      Receive receive{.pattern = {Context::collective, -1, tag}, .vector = &nothing};
      intake.post(receive);
      intake.end(receive);
    }
  }
}

}  // namespace zel::message
