// Why: tests of links need nodes that are nothing but links, and a loop that runs until something is so.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "daemon/io/link_counters.hpp"
#include "daemon/io/links.hpp"

namespace zel::io {

inline constexpr auto patience = std::chrono::seconds(20);

/// Runs the loop until `done` or patience is over; says which.
template <class Done>
bool run_until(EventLoop& loop, Done done) {
  if (done()) return true;  // a loop that is stopped before it runs does not run the next time either
  const base::Time deadline = loop.now() + patience;
  bool good = false;
  std::function<void()> look = [&] {
    good = done();
    if (good || loop.now() >= deadline) return loop.stop();
    loop.set_alarm(loop.now() + std::chrono::milliseconds(2), look);
  };
  look();
  if (!good) loop.run();
  loop.set_alarm(base::never, {});
  return good;
}

inline base::Bytes bytes_of(std::string_view text) {
  const base::ByteView view = base::as_bytes(text);
  return {view.begin(), view.end()};
}

struct LinkedNode : LinkEvents {
  LinkKeys keys;
  std::vector<std::pair<base::NodeId, std::string>> heard;
  std::vector<std::pair<base::NodeId, std::string>> unreachable;
  std::vector<std::string> logged;
  std::vector<wire::overlay::Address> addresses;
  bool keeps = true;  // what it hears
  bool makes_sense = true;  // what it hears, to it
  std::size_t heard_count = 0;
  std::unique_ptr<Links> links;

  LinkedNode(EventLoop& loop, const RealmKey& realm, LinkLimits limits = {}, LinkKeys own = new_link_keys())
      : keys(own) {
    links = std::make_unique<Links>(
        loop,
        LinksSetup{keys, realm, "test", limits, [this](const std::string& line) { logged.push_back(line); }},
        *this);
  }
  LinkedNode& listen(const std::string& host = "127.0.0.1", std::uint16_t port = 0) {
    auto bound = links->listen({host, port});
    EXPECT_TRUE(bound) << (bound ? "" : bound.error().text);
    if (bound) addresses.push_back(*bound);
    return *this;
  }
  wire::overlay::PeerRecord record() const {
    wire::overlay::PeerRecord record;
    record.id = keys.id;
    record.addresses = addresses;
    return record;
  }
  void send(const LinkedNode& to, std::string_view text, Delivery delivery = Delivery::must_arrive) {
    links->send(to.record(), bytes_of(text), delivery);
  }
  std::uint64_t count(LinkCount kind) const {
    for (const auto& counter : links->counters()) {
      if (counter.name == name_of(kind)) return counter.value;
    }
    ADD_FAILURE() << "no such counter";
    return 0;
  }
  bool has_link_to(const LinkedNode& peer) const { return links->has_link(peer.keys.id); }
  bool heard_from(const LinkedNode& from, std::string_view text) const {
    return std::any_of(heard.begin(), heard.end(), [&](const auto& entry) {
      return entry.first == from.keys.id && entry.second == text;
    });
  }
  bool told_unreachable(const LinkedNode& peer) const {
    return std::any_of(unreachable.begin(), unreachable.end(),
                       [&](const auto& entry) { return entry.first == peer.keys.id; });
  }
  bool on_link_message(const base::NodeId& from, base::ByteView payload) override {
    ++heard_count;
    if (keeps) heard.emplace_back(from, base::as_text(payload));
    return makes_sense;
  }
  void on_unreachable(const base::NodeId& peer, const std::string& why) override {
    unreachable.emplace_back(peer, why);
  }
};

}  // namespace zel::io
