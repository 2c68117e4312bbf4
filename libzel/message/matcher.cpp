// Why: see matcher.hpp.
#include "libzel/message/matcher.hpp"

#include <algorithm>
#include <iterator>

namespace zel::message {

Matcher::Matcher(int ranks)
    : ranks_(static_cast<std::size_t>(ranks)), from_sender_(ranks_ * detail::context_count) {}

std::optional<MessageId> Matcher::find(const Pattern& pattern) const {
  const auto context = static_cast<std::size_t>(pattern.context);
  if (waiting_[context] == 0) return std::nullopt;
  const Order order = pattern.from < 0 ? by_arrival : by_sender;
  const List& list = order == by_arrival ? arrivals_[context] : from_sender_[sender_list(pattern.context, pattern.from)];
  for (MessageId id = list.first; id != none; id = nodes_[id].links[order].after) {
    if (matches(pattern, nodes_[id].header)) return id;
  }
  return std::nullopt;
}

std::optional<MessageId> Matcher::receive(ReceiveId id, const Pattern& pattern, std::uint64_t order) {
  if (order == next_order_) ++next_order_;
  const auto found = find(pattern);
  if (found) {
    drop(*found);
    return found;
  }
  auto place = posted_.end();
  while (place != posted_.begin() && std::prev(place)->order > order) --place;
  posted_.insert(place, {id, pattern, order});
  return std::nullopt;
}

std::optional<ReceiveId> Matcher::taker(const Header& header) const {
  for (const Posted& posted : posted_) {
    if (matches(posted.pattern, header)) return posted.id;
  }
  return std::nullopt;
}

std::optional<ReceiveId> Matcher::arrive(const Header& header) {
  for (auto posted = posted_.begin(); posted != posted_.end(); ++posted) {
    if (!matches(posted->pattern, header)) continue;
    const ReceiveId id = posted->id;
    posted_.erase(posted);
    return id;
  }
  return std::nullopt;
}

void Matcher::queue(MessageId id, const Header& header) {
  if (id >= nodes_.size()) nodes_.resize(std::size_t{id} + 1);
  nodes_[id].header = header;
  append(arrivals_[static_cast<std::size_t>(header.context)], by_arrival, id);
  append(from_sender_[sender_list(header.context, header.from)], by_sender, id);
  ++waiting_[static_cast<std::size_t>(header.context)];
}

void Matcher::withdraw(ReceiveId id) {
  std::erase_if(posted_, [id](const Posted& posted) { return posted.id == id; });
}

void Matcher::drop(MessageId id) {
  const Header& header = nodes_[id].header;
  unlink(arrivals_[static_cast<std::size_t>(header.context)], by_arrival, id);
  unlink(from_sender_[sender_list(header.context, header.from)], by_sender, id);
  --waiting_[static_cast<std::size_t>(header.context)];
}

void Matcher::append(List& list, Order order, MessageId id) {
  nodes_[id].links[order] = {list.last, none};
  (list.last == none ? list.first : nodes_[list.last].links[order].after) = id;
  list.last = id;
}

void Matcher::unlink(List& list, Order order, MessageId id) {
  const Links links = nodes_[id].links[order];
  (links.before == none ? list.first : nodes_[links.before].links[order].after) = links.after;
  (links.after == none ? list.last : nodes_[links.after].links[order].before) = links.before;
}

}  // namespace zel::message
