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
  /// A key that two ranks claim is neither's: who has it may be taken for the other.
  void admit(int rank, const wire::paths::Key& key) {
    int& known = rank_of_.try_emplace(key, rank).first->second;
    if (known != rank) known = nobody;
  }
  void dismiss(int rank);
  /// Answers all that was asked.
  void answer();
  int fd() const { return socket_.fd(); }

 private:
  static constexpr int nobody = -1;
  bool answer_one();

  ZmqSocket socket_;
  std::map<wire::paths::Key, int> rank_of_;
};

}  // namespace zel::net
