// Why: what the same path gives to others: `between_hosts_peers tcp | zeromq | zeromq-curve`, two processes and the
// loopback interface, the same figures as between_hosts.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <functional>
#include <string>

#include "between_hosts.hpp"

namespace {

using zel::bench::Figure;

/// One end of a connection. False: the other end is gone.
class End {
 public:
  virtual ~End() = default;
  virtual bool send(const std::vector<char>& buffer) = 0;
  virtual bool receive(std::vector<char>& buffer) = 0;
};

class TcpEnd final : public End {
 public:
  explicit TcpEnd(int fd) : fd_(fd) {
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  ~TcpEnd() override { ::close(fd_); }
  TcpEnd(const TcpEnd&) = delete;
  TcpEnd& operator=(const TcpEnd&) = delete;
  bool send(const std::vector<char>& buffer) override {
    for (std::size_t sent = 0; sent < buffer.size();) {
      const auto n = ::write(fd_, buffer.data() + sent, buffer.size() - sent);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }
  bool receive(std::vector<char>& buffer) override {
    for (std::size_t got = 0; got < buffer.size();) {
      const auto n = ::read(fd_, buffer.data() + got, buffer.size() - got);
      if (n <= 0) return false;
      got += static_cast<std::size_t>(n);
    }
    return true;
  }

 private:
  int fd_;
};

class ZmqEnd final : public End {
 public:
  explicit ZmqEnd(void* socket) : socket_(socket) {}
  bool send(const std::vector<char>& buffer) override { return zmq_send(socket_, buffer.data(), buffer.size(), 0) >= 0; }
  bool receive(std::vector<char>& buffer) override { return zmq_recv(socket_, buffer.data(), buffer.size(), 0) >= 0; }

 private:
  void* socket_;
};

void play(End& end, bool first, const char* what) {
  std::vector<char> word(8);
  for (const Figure& figure : zel::bench::figures(what)) {
    std::vector<char> buffer(figure.bytes, 1);
    const auto run = [&](int times) {
      for (int n = 0; n < times; ++n) {
        if (first) end.send(buffer);
        if (!first || !figure.one_way) end.receive(buffer);
        if (!first && !figure.one_way) end.send(buffer);
      }
      if (!figure.one_way) return;
      if (first) end.receive(word);
      else end.send(word);
    };
    const double best = zel::bench::best_of(figure, run);
    if (first) zel::bench::tell(figure, best);
  }
}

int tcp(const char* what) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener, 1) != 0) return 1;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
  if (::fork() == 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), size) != 0) ::_exit(1);
    TcpEnd end(fd);
    play(end, false, what);
    ::_exit(0);
  }
  TcpEnd end(::accept(listener, nullptr, nullptr));
  play(end, true, what);
  return 0;
}

int zeromq(bool curve, const char* what) {
  char public_key[41];
  char secret_key[41];
  zmq_curve_keypair(public_key, secret_key);
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) return 1;
  const bool first = ::fork() != 0;
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_PAIR);
  const int no_limit = 0;
  zmq_setsockopt(socket, ZMQ_SNDHWM, &no_limit, sizeof no_limit);
  zmq_setsockopt(socket, ZMQ_RCVHWM, &no_limit, sizeof no_limit);
  char endpoint[256] = "";
  if (first) {
    const int server = 1;
    if (curve) zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server);
    if (curve) zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
    std::size_t size = sizeof endpoint;
    if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0) return 1;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
    if (::write(pipe_fds[1], endpoint, sizeof endpoint) <= 0) return 1;
  } else {
    if (::read(pipe_fds[0], endpoint, sizeof endpoint) <= 0) ::_exit(1);
    if (curve) zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 41);
    if (curve) zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41);
    if (curve) zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
    zmq_connect(socket, endpoint);
  }
  ZmqEnd end(socket);
  play(end, first, what);
  zmq_close(socket);
  zmq_ctx_term(context);  // when all has been sent
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string peer = argc > 1 ? argv[1] : "";
  const char* what = argc > 2 ? argv[2] : "";
  int status = 2;
  if (peer == "tcp") status = tcp(what);
  if (peer == "zeromq" || peer == "zeromq-curve") status = zeromq(peer == "zeromq-curve", what);
  while (status == 0 && ::wait(nullptr) > 0) {
  }
  return status;
}
