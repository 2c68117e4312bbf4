// Why: direct links as ZeroMQ connections: one ROUTER that listens, a DEALER per dial. Nothing reconnects by itself:
// whether and how to try again is the ladder's to say. docs/protocol/paths.md, Links.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libzel/net/direct/gatekeeper.hpp"
#include "libzel/net/direct/zmq_socket.hpp"
#include "libzel/net/link_driver.hpp"

namespace zel::net {

class ZmqDriver final : public LinkDriver {
 public:
  ZmqDriver() = default;
  ~ZmqDriver() override;
  ZmqDriver(const ZmqDriver&) = delete;
  ZmqDriver& operator=(const ZmqDriver&) = delete;
  /// Empty, or what is wrong.
  std::string open(const std::vector<std::string>& addresses);

  const wire::paths::Key& key() const override { return public_key_; }
  std::uint16_t port() const override { return port_; }
  void admit(int rank, const wire::paths::Key& key) override { gatekeeper_.admit(rank, key); }
  void dismiss(int rank) override { gatekeeper_.dismiss(rank); }
  ConnectionId dial(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port) override;
  ConnectionId meet(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port,
                    std::uint16_t own_port, bool serve) override;
  Sent send(ConnectionId connection, const Frame& frame) override;
  void close(ConnectionId connection) override;
  bool pump(Sink& sink, bool thorough) override;
  void descriptors(std::vector<pollfd>& polled) const override;

 private:
  using RoutingId = std::string;
  struct Dialled {
    int rank;
    ZmqSocket socket;
    bool connected = false;
    bool again = false;  // it may fail and is tried again
  };
  struct Accepted {
    int rank;
    RoutingId routing_id;
    int fd;
  };

  bool set_up(ZmqSocket& socket);
  bool listen(const std::string& address);
  ConnectionId start(int rank, const wire::paths::Key& key, const std::string& endpoint, bool meets, bool serve);
  bool read_dialled(ConnectionId id, Dialled& dialled, Sink& sink, bool thorough);
  void read_dialled_events(ConnectionId id, Dialled& dialled, Sink& sink);
  bool read_accepted(Sink& sink);
  bool read_one_accepted(Sink& sink);
  void read_listener_events();
  void end_accepted(Sink& sink);

  void* context_ = nullptr;
  wire::paths::Key public_key_{};
  wire::paths::Key secret_key_{};
  std::uint16_t port_ = 0;
  Gatekeeper gatekeeper_;
  ZmqSocket listener_;
  ConnectionId last_id_ = 0;
  std::map<ConnectionId, Dialled> dialled_;
  std::map<ConnectionId, Accepted> accepted_;
  std::map<RoutingId, ConnectionId> by_routing_id_;
  std::vector<ConnectionId> ended_;  // accepted ones
  std::vector<ConnectionId> ids_;
  std::shared_ptr<void> spare_;  // for the next message
};

}  // namespace zel::net
