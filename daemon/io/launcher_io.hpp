// Why: the connection of one zrun, at the node it submits to. What it says goes to the Node whole; output on its
// way back is encoded here and nowhere before.
#pragma once

#include <functional>

#include "daemon/io/connection.hpp"
#include "wire/run.hpp"

namespace zel::io {

class LauncherIo {
 public:
  /// Returning false closes the connection: what it said makes no sense.
  using OnMessage = std::function<bool(const wire::run::ToNode&)>;

  LauncherIo(EventLoop& loop, base::UniqueFd socket, OnMessage on_message, std::function<void()> on_gone)
      : connection_(
            loop, std::move(socket),
            [on_message = std::move(on_message)](base::ByteView bytes) {
              const auto message = wire::run::decode_to_node(bytes);
              return message && on_message(*message);
            },
            [on_gone = std::move(on_gone)](const std::string&) { on_gone(); }) {}

  void send(const wire::run::ToLauncher& message) { connection_.send(wire::run::encode(message)); }
  /// Lets the connection end after what was sent.
  void finish() { connection_.finish(); }

 private:
  Connection connection_;
};

}  // namespace zel::io
