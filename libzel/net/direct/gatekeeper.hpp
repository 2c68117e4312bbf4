// Why: only ranks of this job may connect, and a connection belongs to the rank whose key it has, whatever it says of
// itself. ZeroMQ asks for that in messages (RFC 27, ZAP); this answers them, on the thread that pumps.
#pragma once

#include <array>
#include <map>
#include <string>

#include "libzel/net/direct/zmq_socket.hpp"
#include "wire/paths.hpp"

namespace zel::net {

inline constexpr const char* zap_domain = "zel";

class Gatekeeper {
 public:
  /// False: it cannot be asked. Before any socket that needs it.
  bool open(void* context);
  void admit(int rank, const wire::paths::Key& key) { rank_of_[key] = rank; }
  void dismiss(int rank);
  /// Answers all that was asked.
  void answer();
  int fd() const { return socket_.fd(); }

 private:
  bool answer_one();

  ZmqSocket socket_;
  std::map<wire::paths::Key, int> rank_of_;
};

}  // namespace zel::net
