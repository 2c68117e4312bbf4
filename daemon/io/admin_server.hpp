// Why: the zeld subcommands ask a running node one thing each; this carries the questions to whoever knows.
// docs/protocol/admin.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "daemon/io/connection.hpp"
#include "wire/admin.hpp"

namespace zel::io {

class AdminServer {
 public:
  using Handler = std::function<wire::admin::Reply(const wire::admin::Request&)>;

  static constexpr std::size_t max_clients = 32;

  AdminServer(EventLoop& loop, Handler handler, base::Duration patience = std::chrono::seconds(10));

  /// Serves whoever is at the other end: one request, one answer. Full: the oldest is closed.
  void accept(base::UniqueFd client);
  std::size_t clients() const { return clients_.size(); }

 private:
  struct Client {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<Timer> deadline;
    bool answered = false;
  };
  bool on_message(std::uint64_t number, base::ByteView bytes);
  void remove(std::uint64_t number);

  EventLoop& loop_;
  Handler handler_;
  base::Duration patience_;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Client> clients_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

 public:
  ~AdminServer() { *alive_ = false; }
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;
};

}  // namespace zel::io
