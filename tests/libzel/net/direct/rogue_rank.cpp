// Why: see rogue_rank.hpp.
#include "tests/libzel/net/direct/rogue_rank.hpp"

#include <poll.h>

#include <algorithm>
#include <cstring>

#include "libzel/net/driver_loader.hpp"
#include "libzel/net/pair_stream.hpp"

namespace zel::test {

using net::FrameHeader;
using net::FrameType;
using net::RecordKind;
using wire::member::Hello;
using wire::member::Post;
using wire::member::ToNode;
using wire::paths::Contact;

namespace {

base::Bytes bytes_of(int value) {
  base::Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

void push(wire::Channel& channel, const ToNode& message) {
  channel.push(wire::member::encode(message));
  if (!channel.flush_within(std::chrono::seconds(10))) throw std::runtime_error("the node does not read");
}

}  // namespace

RogueRank::RogueRank(wire::Channel& channel) : channel_(channel) {
  std::string why;
  driver_ = net::load_driver({"127.0.0.1"}, why);
  if (!driver_) throw std::runtime_error(why);
  push(channel_, Hello{});
  until([&] { return welcome_; }, "the welcome");
}

Contact RogueRank::contact() const {
  Contact own;
  own.key = driver_->key();
  own.port = driver_->port();
  own.addresses = {"127.0.0.1"};
  own.host = "rogue";
  own.has_yours = true;
  return own;
}

void RogueRank::say(int to, const wire::paths::Word& word) {
  push(channel_, Post{static_cast<std::uint32_t>(to), net::word_post_kind, 0, 0, 0, wire::paths::encode(word)});
}

void RogueRank::post(int to, int value) {
  push(channel_, Post{static_cast<std::uint32_t>(to), static_cast<std::uint8_t>(RecordKind::whole), 0, 0, sizeof value, bytes_of(value)});
}

int RogueRank::await_post(int from) {
  until([&] { return !posts_[from].empty(); }, "a post");
  const int value = posts_[from].front();
  posts_[from].erase(posts_[from].begin());
  return value;
}

Contact RogueRank::befriend(int to) {
  say(to, contact());
  auto there = await_word<Contact>(to);
  while (there.addresses.empty() || !there.has_yours) there = await_word<Contact>(to);
  driver_->admit(to, there.key);
  say(to, contact());  // a leader begins when it hears that this end has admitted it
  return there;
}

net::ConnectionId RogueRank::dial(int to, const Contact& there) {
  const auto connection = driver_->dial(to, there.key, "127.0.0.1", there.port);
  until([&] { return std::find(connected_.begin(), connected_.end(), connection) != connected_.end(); }, "a connection");
  return connection;
}

void RogueRank::hello(net::ConnectionId connection, int to, std::uint64_t link, std::uint64_t received, std::uint64_t taken) {
  FrameHeader header;
  header.type = FrameType::hello;
  header.tag = static_cast<std::uint32_t>(to);
  header.number = link;
  header.received = received;
  header.taken = taken;
  send(connection, header);
}

void RogueRank::record(net::ConnectionId connection, std::uint64_t number, int value) {
  FrameHeader header;
  header.number = number;
  header.total_bytes = sizeof value;
  send(connection, header, bytes_of(value));
}

void RogueRank::send(net::ConnectionId connection, const FrameHeader& header, std::span<const std::byte> payload) {
  if (driver_->send(connection, net::make_frame(header, payload)) == net::LinkDriver::Sent::no) throw std::runtime_error("not sent");
}

std::size_t RogueRank::count(FrameType type) const {
  return static_cast<std::size_t>(
      std::count_if(frames_.begin(), frames_.end(), [&](const Heard& heard) { return heard.header.type == type; }));
}

RogueRank::Heard RogueRank::await_frame(FrameType type) {
  until([&] { return count(type) > 0; }, "a frame");
  const auto found = std::find_if(frames_.begin(), frames_.end(), [&](const Heard& heard) { return heard.header.type == type; });
  Heard heard = std::move(*found);
  frames_.erase(found);
  return heard;
}

void RogueRank::on_bytes(int, net::ConnectionId connection, std::span<const std::byte> bytes, std::shared_ptr<const void>) {
  const auto header = net::read_frame(bytes);
  if (!header) throw std::runtime_error("a frame that is none");
  const auto payload = net::payload_of(bytes);
  frames_.push_back({connection, *header, {payload.begin(), payload.end()}});
}

void RogueRank::hear(wire::member::ToMember&& message) {
  if (std::holds_alternative<wire::member::Welcome>(message)) welcome_ = true;
  auto* post = std::get_if<Post>(&message);
  if (!post) return;
  const int from = static_cast<int>(post->peer);
  if (post->kind == net::word_post_kind) {
    words_[from].push_back(wire::paths::decode(post->payload).value());
  } else if (post->payload.size() == sizeof(int)) {
    int value = 0;
    std::memcpy(&value, post->payload.data(), sizeof value);
    posts_[from].push_back(value);
  }
}

void RogueRank::step() {
  const bool more = driver_->pump(*this, net::LinkDriver::Look::thorough);
  std::vector<pollfd> polled{{channel_.fd(), POLLIN, 0}};
  driver_->descriptors(polled);
  ::poll(polled.data(), polled.size(), more ? 0 : 2);
  if ((polled[0].revents & (POLLIN | POLLHUP)) == 0) return;
  const auto open = channel_.fill();
  for (;;) {
    const auto message = channel_.next();
    if (!message || !message->has_value()) break;
    hear(wire::member::decode_to_member(**message).value());
  }
  if (!open || !*open) throw std::runtime_error("the node is gone");
}

}  // namespace zel::test
