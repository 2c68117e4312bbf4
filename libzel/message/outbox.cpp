// Why: see outbox.hpp.
#include "libzel/message/outbox.hpp"

#include <algorithm>
#include <utility>

namespace zel::message {

void Outbox::send(Outgoing& message) {
  if (!waiting_[static_cast<std::size_t>(message.to)]) {
    write(message);
    if (message.over()) return;
  }
  queue(message.to).entries.push_back({.message = &message});
}

void Outbox::send_and_forget(int to, net::Writer* writer, Context context, int tag, std::vector<std::byte> bytes) {
  Entry entry;
  entry.kept_bytes = std::move(bytes);
  entry.kept = std::make_unique<Outgoing>(Outgoing{.to = to, .context = context, .tag = tag, .writer = writer});
  entry.message = entry.kept.get();
  entry.message->bytes = entry.kept_bytes;
  queue(to).entries.push_back(std::move(entry));
  push(to);
}

void Outbox::withdraw(Outgoing& message) {
  if (message.over() || !waiting_[static_cast<std::size_t>(message.to)]) return;
  Queue& waiting = queue(message.to);
  const auto entry = std::find_if(waiting.entries.begin(), waiting.entries.end(),
                                  [&](const Entry& candidate) { return candidate.message == &message; });
  if (entry == waiting.entries.end()) return;
  if (message.begun) {
    entry->message = nullptr;
    entry->abandon = message.writer;
    push(message.to);
    if (!waiting_[static_cast<std::size_t>(message.to)]) return;
    message.writer->ask_for_room();
    push(message.to);
    return;
  }
  waiting.entries.erase(entry);
  push(message.to);
}

void Outbox::push() {
  for (std::size_t at = 0; at < queues_.size();) {
    if (push(*queues_[at])) ++at;
  }
}

void Outbox::push(int to) {
  if (waiting_[static_cast<std::size_t>(to)]) push(queue(to));
}

void Outbox::ask_for_room() {
  for (const auto& queue : queues_) {
    const Entry& first = queue->entries.front();
    (first.abandon ? first.abandon : first.message->writer)->ask_for_room();
  }
}

void Outbox::fail(int to, Errc code, const std::string& text) {
  if (!waiting_[static_cast<std::size_t>(to)]) return;
  Queue& failed = queue(to);
  for (Entry& entry : failed.entries) {
    if (entry.message) entry.message->failure = Outgoing::Failure{code, text};
  }
  failed.entries.clear();
  push(failed);
}

Outbox::Queue& Outbox::queue(int to) {
  const auto known = std::find_if(queues_.begin(), queues_.end(), [to](const auto& queue) { return queue->to == to; });
  if (known != queues_.end()) return **known;
  queues_.push_back(std::make_unique<Queue>(Queue{to, {}}));
  waiting_[static_cast<std::size_t>(to)] = 1;
  return *queues_.back();
}

/// False: nothing waits there any more, and `queue` is no more.
bool Outbox::push(Queue& queue) {
  while (!queue.entries.empty() && push(queue.entries.front(), queue.to)) queue.entries.pop_front();
  if (!queue.entries.empty()) return true;
  waiting_[static_cast<std::size_t>(queue.to)] = 0;
  std::erase_if(queues_, [&queue](const auto& other) { return other.get() == &queue; });
  return false;
}

/// Whether it is over.
bool Outbox::push(Entry& entry, int to) {
  if (entry.abandon) {
    if (entry.abandon->write(net::RecordKind::abandon, 0, 0, 0, {}) == net::Writer::Outcome::full) return false;
    reach_->ring(to);
    return true;
  }
  write(*entry.message);
  return entry.message->over();
}

void Outbox::write(Outgoing& message) {
  while (!message.complete()) {
    const auto outcome = write_record(message);
    if (outcome == net::Writer::Outcome::full) return;
    if (outcome == net::Writer::Outcome::damaged) {
      message.failure = {Errc::malformed, "what rank " + std::to_string(message.to) +
                                              " answered is damaged: look for stray writes to memory in it"};
      return;
    }
    if (outcome == net::Writer::Outcome::unreachable) {
      message.failure = {Errc::node_lost, "this rank's node is gone: it took no more messages for other hosts"};
      return;
    }
    reach_->ring(message.to);
  }
}

net::Writer::Outcome Outbox::write_record(Outgoing& message) {
  const std::size_t total = message.bytes.size();
  const auto part = message.bytes.subspan(message.sent, std::min(total - message.sent, message.writer->max_payload()));
  auto kind = net::RecordKind::more;
  if (!message.begun) kind = part.size() == total ? net::RecordKind::whole : net::RecordKind::first;
  const auto outcome = message.writer->write(kind, static_cast<std::uint8_t>(message.context),
                                             static_cast<std::uint32_t>(message.tag), total, part);
  if (outcome == net::Writer::Outcome::written) {
    message.begun = true;
    message.sent += part.size();
  }
  return outcome;
}

}  // namespace zel::message
