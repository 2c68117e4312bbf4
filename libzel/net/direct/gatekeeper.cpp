// Why: see gatekeeper.hpp.
#include "libzel/net/direct/gatekeeper.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace zel::net {

bool Gatekeeper::open(void* context) {
  socket_ = ZmqSocket(context, ZMQ_REP);
  return socket_ && socket_.set(ZMQ_LINGER, 0) && zmq_bind(socket_.get(), "inproc://zeromq.zap.01") == 0;
}

void Gatekeeper::dismiss(int rank) {
  std::erase_if(rank_of_, [rank](const auto& known) { return known.second == rank; });
}

void Gatekeeper::answer() {
  while (answer_one()) {
  }
}

bool Gatekeeper::answer_one() {
  // version, request id, domain, address, identity, mechanism, credentials…
  std::vector<std::string> parts;
  for (bool more = true; more;) {
    zmq_msg_t part;
    zmq_msg_init(&part);
    if (uninterrupted([&] { return zmq_msg_recv(&part, socket_.get(), parts.empty() ? ZMQ_DONTWAIT : 0); }) < 0) {
      zmq_msg_close(&part);
      return false;
    }
    parts.emplace_back(static_cast<const char*>(zmq_msg_data(&part)), zmq_msg_size(&part));
    more = zmq_msg_more(&part) != 0;
    zmq_msg_close(&part);
  }
  std::string user;
  wire::paths::Key key;
  if (parts.size() == 7 && parts[2] == zap_domain && parts[5] == "CURVE" && parts[6].size() == key.size()) {
    std::memcpy(key.data(), parts[6].data(), key.size());
    const auto found = rank_of_.find(key);
    if (found != rank_of_.end() && found->second != nobody) user = std::to_string(found->second);
  }
  const bool good = !user.empty();
  const std::array<std::string, 6> reply{"1.0", parts.size() > 1 ? parts[1] : "", good ? "200" : "400",
                                         good ? "OK" : "no rank of this job", user, ""};
  for (std::size_t at = 0; at < reply.size(); ++at) {
    uninterrupted([&] { return zmq_send(socket_.get(), reply[at].data(), reply[at].size(), at + 1 < reply.size() ? ZMQ_SNDMORE : 0); });
  }
  return true;
}

}  // namespace zel::net
