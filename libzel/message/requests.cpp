// Why: see requests.hpp.
#include "libzel/message/requests.hpp"

#include <exception>
#include <string>
#include <utility>

#include "zel/messages.hpp"

namespace zel::detail {

void OperationDeleter::operator()(Operation* operation) const noexcept {
  if (operation->owner) operation->owner->take_back(operation);
  else delete operation;
}

}  // namespace zel::detail

namespace zel::message {

Requests::~Requests() {
  while (!unfinished_.empty()) {
    Operation& operation = *unfinished_.back();
    operation.exceptions = -1;  // nobody will take it: it is not waited for
    end(operation);
    operation.owner = nullptr;
  }
}

OperationPointer Requests::make() {
  if (unfinished_.size() >= max_requests) {
    throw Error(Errc::limit_reached, std::to_string(max_requests) + " requests are unfinished here: wait for some first");
  }
  std::unique_ptr<Operation> fresh = spare_.empty() ? std::make_unique<Operation>() : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  unfinished_.push_back(fresh.get());
  OperationPointer operation(fresh.release());
  operation->place = unfinished_.size() - 1;
  operation->owner = this;
  operation->exceptions = std::uncaught_exceptions();
  return operation;
}

OperationPointer Requests::send(int to, Context context, int tag, std::span<const std::byte> bytes) {
  if (tag < 0 || tag > max_tag) throw_bad_tag(tag);
  OperationPointer operation = make();
  operation->is_send = true;
  operation->outgoing = Outgoing{.to = to, .context = context, .tag = tag, .bytes = bytes};
  return begin_send(std::move(operation));
}

OperationPointer Requests::send_kept(int to, Context context, int tag, std::vector<std::byte> bytes) {
  if (tag < 0 || tag > max_tag) throw_bad_tag(tag);
  OperationPointer operation = make();
  operation->is_send = true;
  operation->kept = std::move(bytes);
  operation->outgoing = Outgoing{.to = to, .context = context, .tag = tag, .bytes = operation->kept};
  return begin_send(std::move(operation));
}

OperationPointer Requests::begin_send(OperationPointer operation) {
  try {
    sending_.begin(operation->outgoing);
  } catch (const Error& error) {
    operation->outgoing.failure = Outgoing::Failure{error.code(), error.what()};
    throw;
  }
  return operation;
}

OperationPointer Requests::receive(std::span<std::byte> into, std::vector<std::byte>* vector, const Pattern& pattern) {
  OperationPointer operation = make();
  operation->is_send = false;
  operation->receive = Receive{.pattern = pattern, .into = into, .vector = vector};
  progress_.intake().post(operation->receive);
  return operation;
}

Envelope Requests::envelope(const Operation& operation) {
  if (!operation.is_send) return operation.receive.envelope;
  return {operation.outgoing.to, operation.outgoing.tag, operation.outgoing.bytes.size()};
}

bool Requests::over(const Operation& operation) {
  return operation.is_send ? operation.outgoing.over() : operation.receive.over();
}

void Requests::throw_if_failed(const Operation& operation) {
  if (operation.is_send) return operation.outgoing.throw_if_failed();
  const Receive& receive = operation.receive;
  if (receive.state != Receive::State::too_large) return;
  throw Error(Errc::too_large, "a message of " + std::to_string(receive.envelope.bytes) + " bytes from rank " +
                                   std::to_string(receive.envelope.from) + " does not fit into a buffer of " +
                                   std::to_string(receive.into.size()) + " bytes; it stays unreceived",
              receive.envelope.from);
}

/// Throws when it will never be over.
void Requests::check_hope(Operation& operation) const {
  progress_.check_node();
  if (operation.is_send || operation.receive.state != Receive::State::posted) return;
  const int from = operation.receive.pattern.from;
  if (from == any_rank) progress_.check_anybody();
  else if (from != rank_) progress_.check_member(from);
}

bool Requests::hopeless(Operation& operation) const noexcept {
  try {
    check_hope(operation);
    return false;
  } catch (const Error&) {
    return true;
  }
}

bool Requests::test(Operation& operation) {
  if (!over(operation)) {
    progress_.hear_departures();
    progress_.look_if_pending();
    progress_.outbox().push();
  }
  if (!over(operation)) check_hope(operation);
  else throw_if_failed(operation);
  return over(operation);
}

bool Requests::look(Operation& operation, Depth depth) {
  const bool filling = !operation.is_send && operation.receive.state == Receive::State::filling;
  if (filling) progress_.look_closely_at(operation.receive.envelope.from, depth != Depth::quick);
  else if (operation.is_send && depth == Depth::quick) progress_.outbox().push(operation.outgoing.to);
  else if (depth == Depth::quick && operation.receive.pattern.from >= 0) progress_.look_at(operation.receive.pattern.from);
  else progress_.look_around();
  if (over(operation)) return true;
  if (depth != Depth::quick) {
    check_hope(operation);
    if (filling) return false;
    progress_.check_wait();
    if (!operation.is_send && operation.receive.pattern.from == rank_) {
      throw Error(Errc::usage, "a rank that waits for its own message waits for ever: send it first");
    }
  }
  return false;
}

void Requests::wait(Operation& operation) {
  if (!over(operation)) {
    Intake& intake = progress_.intake();
    if (!operation.is_send) intake.watch(&operation.receive);
    try {
      progress_.wait(net::Deadline::none(), [&](Depth depth) { return look(operation, depth); });
    } catch (...) {
      intake.watch(nullptr);
      throw;
    }
    intake.watch(nullptr);
  }
  throw_if_failed(operation);
}

std::size_t Requests::wait_any(std::span<Operation* const> operations) {
  std::size_t found = operations.size();
  const auto find = [&](bool also_hopeless) {
    for (std::size_t at = 0; at < operations.size(); ++at) {
      if (!operations[at] || !(over(*operations[at]) || (also_hopeless && hopeless(*operations[at])))) continue;
      found = at;
      return true;
    }
    return false;
  };
  if (find(false)) return found;
  progress_.wait(net::Deadline::none(), [&](Depth depth) {
    progress_.look_around();
    if (find(depth != Depth::quick)) return true;
    if (depth != Depth::quick) progress_.check_wait();
    return false;
  });
  return found;
}

bool Requests::cancel(Operation& operation) {
  if (operation.is_send) throw Error(Errc::usage, "a send cannot be taken back, only a receive");
  return operation.receive.state == Receive::State::posted;
}

void Requests::take_back(Operation* operation) noexcept {
  constexpr std::size_t most_spare = 256;
  end(*operation);
  std::unique_ptr<Operation> spare(operation);
  if (spare_.size() == most_spare) return;
  spare->kept = {};
  if (spare_.capacity() == 0) spare_.reserve(most_spare);
  spare_.push_back(std::move(spare));
}

void Requests::end(Operation& operation) noexcept {
  if (operation.is_send && !operation.outgoing.over()) {
    // Whoever unwinds has no time for others.
    if (std::uncaught_exceptions() <= operation.exceptions) {
      try {
        wait(operation);
      } catch (...) {  // nobody is there to be told
      }
    }
    progress_.outbox().withdraw(operation.outgoing);
  } else if (!operation.is_send) {
    progress_.intake().end(operation.receive);
  }
  unfinished_[operation.place] = unfinished_.back();
  unfinished_[operation.place]->place = operation.place;
  unfinished_.pop_back();
}

}  // namespace zel::message
