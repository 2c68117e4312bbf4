#include "daemon/io/node_links.hpp"

namespace zel::io {

NodeLinks::NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver)
    : driver_(driver), links_(loop, std::move(setup), *this) {
  driver_.use_links(*this);
}

void NodeLinks::send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) {
  links_.send(to, std::move(message), may_drop ? Delivery::may_drop : Delivery::must_arrive);
}

void NodeLinks::send(const wire::overlay::Address& to, base::Bytes message) { links_.send(to, std::move(message)); }

bool NodeLinks::on_link_message(const base::NodeId& from, base::ByteView payload) {
  return driver_.on_link_message(from, payload);
}

void NodeLinks::on_unreachable(const base::NodeId& peer, const std::string&) { driver_.on_unreachable(peer); }

}  // namespace zel::io
