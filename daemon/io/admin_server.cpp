#include "daemon/io/admin_server.hpp"

namespace zel::io {

AdminServer::AdminServer(EventLoop& loop, Handler handler, base::Duration patience)
    : loop_(loop), handler_(std::move(handler)), patience_(patience) {}

void AdminServer::accept(base::UniqueFd socket) {
  if (clients_.size() >= max_clients) clients_.erase(clients_.begin());  // the oldest: an answer takes no time
  const auto number = next_++;
  Client& client = clients_[number];
  client.deadline = std::make_unique<Timer>(loop_, [this, number] { remove(number); });
  client.deadline->set(loop_.now() + patience_);
  client.connection = std::make_unique<Connection>(
      loop_, std::move(socket), [this, number](base::ByteView bytes) { return on_message(number, bytes); },
      [this, number](const std::string&) { remove(number); });
}

bool AdminServer::on_message(std::uint64_t number, base::ByteView bytes) {
  Client& client = clients_.at(number);
  const auto request = wire::admin::decode_request(bytes);
  if (!request || client.answered) return false;
  client.answered = true;
  const auto* status = std::get_if<wire::admin::StatusRequest>(&*request);
  const bool other_version = status && status->protocol != wire::admin::version;
  const wire::admin::Reply reply =
      other_version ? wire::admin::Reply(wire::admin::Refused{
                          "this zeld and the node are of different versions; use the one the node was started with"})
                    : handler_(*request);
  client.connection->send(wire::admin::encode(reply));
  return true;
}

/// Later, since the connection may be on the call stack.
void AdminServer::remove(std::uint64_t number) {
  loop_.defer([this, number, alive = alive_] {
    if (*alive) clients_.erase(number);
  });
}

}  // namespace zel::io
