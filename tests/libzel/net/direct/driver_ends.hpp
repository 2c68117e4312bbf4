// Why: tests of the driver need several of them in one process, and what each heard.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libzel/net/driver_loader.hpp"
#include "libzel/net/link_driver.hpp"

namespace zel::net {

using namespace std::chrono_literals;

/// A rank's end: the shared object as it is shipped, and what it told.
struct DriverEnd : LinkDriver::Sink {
  std::unique_ptr<LinkDriver> driver;
  std::vector<std::pair<int, base::Bytes>> heard;  // with the rank it is said to be from
  std::vector<ConnectionId> heard_on;
  std::vector<ConnectionId> connected;
  std::map<ConnectionId, std::string> closed;

  DriverEnd() {
    std::string why;
    driver = load_driver({"127.0.0.1"}, why);
    EXPECT_TRUE(driver) << why;
  }
  void on_connected(ConnectionId connection) override { connected.push_back(connection); }
  void on_bytes(int rank, ConnectionId connection, std::span<const std::byte> bytes, std::shared_ptr<const void>) override {
    heard.emplace_back(rank, base::Bytes(bytes.begin(), bytes.end()));
    heard_on.push_back(connection);
  }
  void on_closed(ConnectionId connection, const std::string& why) override { closed[connection] = why; }

  ConnectionId dial(int rank, const DriverEnd& to) { return driver->dial(rank, to.driver->key(), "127.0.0.1", to.driver->port()); }
  bool is_connected(ConnectionId connection) const {
    return std::find(connected.begin(), connected.end(), connection) != connected.end();
  }
};

inline base::Bytes text(std::string_view words) {
  const auto bytes = base::as_bytes(words);
  return {bytes.begin(), bytes.end()};
}
inline Frame framed(std::string_view words) { return std::make_shared<const base::Bytes>(text(words)); }

/// Pumps all of them until `done`; false if that does not come within 20 s.
template <class Done>
bool until(const std::vector<DriverEnd*>& ends, Done done) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::vector<pollfd> polled;
    bool more = false;
    for (DriverEnd* one : ends) {
      more = one->driver->pump(*one, LinkDriver::Look::thorough) || more;
      one->driver->descriptors(polled);
    }
    if (!more && !done()) ::poll(polled.data(), polled.size(), 5);
  }
  return true;
}

/// Whether `from`, whom `to` admits as `rank`, gets a frame to it.
inline bool gets_through(DriverEnd& from, DriverEnd& to, int rank) {
  const auto connection = from.dial(0, to);
  if (!until({&from, &to}, [&] { return from.is_connected(connection) || from.closed.contains(connection); })) return false;
  if (!from.is_connected(connection) || from.driver->send(connection, framed("good")) == LinkDriver::Sent::no) return false;
  const bool came = until({&from, &to}, [&] { return !to.heard.empty() && to.heard.back() == std::pair(rank, text("good")); });
  from.driver->close(connection);
  return came;
}

}  // namespace zel::net
