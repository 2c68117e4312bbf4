// Why: what the same path gives to others: a ping-pong over raw TCP, over ZeroMQ, and over ZeroMQ with CURVE, between
// two processes and the loopback interface. One JSON line per figure, to be held against zel_message over two nodes.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr int repeats = 3;

int rounds_for(std::size_t bytes) { return bytes <= 1024 ? 3000 : bytes <= 65'536 ? 500 : 50; }

template <class Ping>
void measure(const char* name, std::size_t bytes, Ping&& ping) {
  double best = 1e9;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds_for(bytes); ++round) ping();
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / rounds_for(bytes) / 2);
  }
  std::printf("{\"what\":\"%s\",\"bytes\":%zu,\"one_way_us\":%.3f}\n", name, bytes, best * 1e6);
  std::fflush(stdout);
}

bool read_all(int fd, std::vector<char>& buffer) {
  for (std::size_t got = 0; got < buffer.size();) {
    const auto n = ::read(fd, buffer.data() + got, buffer.size() - got);
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

bool write_all(int fd, const std::vector<char>& buffer) {
  for (std::size_t sent = 0; sent < buffer.size();) {
    const auto n = ::write(fd, buffer.data() + sent, buffer.size() - sent);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

void raw(std::size_t bytes) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener, 1) != 0) return;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
  const int one = 1;
  std::vector<char> buffer(bytes, 1);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&at), size) != 0) ::_exit(1);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    while (read_all(fd, buffer) && write_all(fd, buffer)) {
    }
    ::_exit(0);
  }
  const int fd = ::accept(listener, nullptr, nullptr);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  measure("tcp", bytes, [&] { write_all(fd, buffer) && read_all(fd, buffer); });
  ::close(fd);
  ::close(listener);
  ::waitpid(child, nullptr, 0);
}

void zeromq(std::size_t bytes, bool curve) {
  char public_key[41];
  char secret_key[41];
  zmq_curve_keypair(public_key, secret_key);
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) return;
  std::vector<char> buffer(bytes, 1);
  const pid_t child = ::fork();
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_PAIR);
  const int no_linger = 0;
  zmq_setsockopt(socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
  if (child == 0) {
    char endpoint[256] = "";
    if (::read(pipe_fds[0], endpoint, sizeof endpoint) <= 0) ::_exit(1);
    if (curve) {
      zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 41);
      zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41);
      zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
    }
    zmq_connect(socket, endpoint);
    for (;;) {
      zmq_msg_t message;
      zmq_msg_init(&message);
      zmq_msg_recv(&message, socket, 0);
      if (zmq_msg_size(&message) == 1) ::_exit(0);
      zmq_msg_send(&message, socket, 0);
    }
  }
  if (curve) {
    const int server = 1;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &server, sizeof server);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
  }
  zmq_bind(socket, "tcp://127.0.0.1:*");
  char endpoint[256] = "";
  std::size_t size = sizeof endpoint;
  zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
  if (::write(pipe_fds[1], endpoint, sizeof endpoint) <= 0) return;
  measure(curve ? "zeromq-curve" : "zeromq", bytes, [&] {
    zmq_send(socket, buffer.data(), bytes, 0);
    zmq_recv(socket, buffer.data(), bytes, 0);
  });
  const int linger_ms = 1000;
  zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
  zmq_send(socket, "x", 1, 0);
  ::waitpid(child, nullptr, 0);
  zmq_close(socket);
  zmq_ctx_term(context);
  ::close(pipe_fds[0]);
  ::close(pipe_fds[1]);
}

}  // namespace

int main() {
  for (const std::size_t bytes : {std::size_t{8}, std::size_t{4096}, std::size_t{65'536}, std::size_t{1} << 20}) {
    raw(bytes);
    zeromq(bytes, false);
    zeromq(bytes, true);
  }
}
