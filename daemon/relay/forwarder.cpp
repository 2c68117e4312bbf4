#include "daemon/relay/forwarder.hpp"

#include <algorithm>

namespace zel::relay {

namespace {

constexpr base::Duration sweep_interval = std::chrono::seconds(5);
constexpr std::size_t overhead_bytes = 64;  // an empty message costs memory too

std::size_t cost(const base::Bytes& message) { return message.size() + overhead_bytes; }

}  // namespace

bool Forwarder::attach(const base::NodeId& client, base::Time now) {
  if (!clients_.contains(client) && clients_.size() >= config_.clients) return false;
  clients_[client] = now;
  sweep_at_ = std::min(sweep_at_, now + sweep_interval);
  return true;
}

void Forwarder::fill(Sender& sender, base::Time now) const {
  sender.tokens = std::min(config_.sender_burst_bytes, sender.tokens + base::seconds(now - sender.filled_at) *
                                                                            config_.sender_bytes_per_second);
  sender.filled_at = now;
}

bool Forwarder::admit(const base::NodeId& from, const wire::overlay::PeerRecord& to, base::Bytes message, base::Time now) {
  const std::size_t size = cost(message);
  const auto known = senders_.find(from);
  const auto waiting = receivers_.find(to.id);
  const std::size_t of_sender = known == senders_.end() ? 0 : known->second.bytes;
  const std::size_t of_receiver = waiting == receivers_.end() ? 0 : waiting->second.bytes;
  if (of_sender + size > config_.sender_queue_bytes || of_receiver + size > config_.receiver_queue_bytes ||
      queued_bytes_ + size > config_.all_queue_bytes) {
    ++counters_.refused;
    return false;
  }
  Sender& sender = senders_.try_emplace(from, Sender{config_.sender_burst_bytes, now, 0}).first->second;
  Receiver& receiver = receivers_[to.id];
  receiver.record = to;
  Flow& flow = receiver.flows[from];
  if (flow.items.empty()) receiver.turns.push_back(from);
  flow.items.push_back(std::move(message));
  sender.bytes += size;
  receiver.bytes += size;
  queued_bytes_ += size;
  sweep_at_ = std::min(sweep_at_, now + sweep_interval);
  return true;
}

void Forwarder::taken(const base::NodeId& sender, Receiver& receiver, std::size_t size) {
  senders_.at(sender).bytes -= size;
  receiver.bytes -= size;
  queued_bytes_ -= size;
}

void Forwarder::serve(Receiver& receiver, const Room& room, base::Time now, std::vector<Out>& out) {
  // Once round without sending anything: all that are left wait for their rate.
  std::size_t idle = 0;
  while (!receiver.turns.empty() && idle < receiver.turns.size() && room(receiver.record.id)) {
    const base::NodeId id = receiver.turns.front();
    Flow& flow = receiver.flows.at(id);
    Sender& sender = senders_.at(id);
    fill(sender, now);
    const std::size_t size = cost(flow.items.front());
    if (sender.tokens < 0) {
      // In debt for its last one, which may be larger than what it had.
      const auto wait = std::chrono::duration<double>(-sender.tokens / config_.sender_bytes_per_second);
      tokens_at_ = std::min(tokens_at_, now + std::chrono::ceil<std::chrono::milliseconds>(wait));
      ++idle;
    } else {
      if (std::exchange(flow.fresh, false)) flow.deficit += config_.quantum_bytes;
      idle = 0;
      if (size <= flow.deficit) {
        flow.deficit -= size;
        sender.tokens -= static_cast<double>(size);
        taken(id, receiver, size);
        ++counters_.forwarded;
        counters_.forwarded_bytes += flow.items.front().size();
        out.push_back({receiver.record, std::move(flow.items.front())});
        flow.items.pop_front();
        if (!flow.items.empty()) continue;
        receiver.flows.erase(id);
        receiver.turns.pop_front();
        continue;
      }
    }
    flow.fresh = true;
    receiver.turns.pop_front();
    receiver.turns.push_back(id);
  }
}

std::vector<Forwarder::Out> Forwarder::pump(const Room& room, base::Time now) {
  std::vector<Out> out;
  tokens_at_ = base::never;
  for (auto& [id, receiver] : receivers_) {
    // The room is what is left after what goes out in this call.
    std::size_t given = 0;
    std::size_t seen = out.size();
    serve(receiver, [&](const base::NodeId& node) {
      for (; seen < out.size(); ++seen) given += out[seen].message.size();
      return given < config_.link_backlog_bytes && room(node);
    }, now, out);
  }
  std::erase_if(receivers_, [](const auto& entry) { return entry.second.turns.empty(); });
  return out;
}

void Forwarder::on_lost(const base::NodeId& node) {
  clients_.erase(node);
  const auto found = receivers_.find(node);
  if (found == receivers_.end()) return;
  for (auto& [sender, flow] : found->second.flows) {
    for (const auto& item : flow.items) {
      taken(sender, found->second, cost(item));
      ++counters_.lost;
    }
  }
  receivers_.erase(found);
}

void Forwarder::on_timer(base::Time now) {
  if (now < sweep_at_) return;
  std::vector<base::NodeId> silent;
  for (const auto& [client, heard] : clients_) {
    if (now - heard >= config_.client_silence) silent.push_back(client);
  }
  for (const auto& client : silent) on_lost(client);
  for (auto& [id, sender] : senders_) fill(sender, now);
  std::erase_if(senders_, [&](const auto& entry) {
    return entry.second.bytes == 0 && entry.second.tokens >= config_.sender_burst_bytes;
  });
  sweep_at_ = clients_.empty() && senders_.empty() ? base::never : now + sweep_interval;
}

base::Time Forwarder::next_deadline() const { return std::min(tokens_at_, sweep_at_); }

}  // namespace zel::relay
