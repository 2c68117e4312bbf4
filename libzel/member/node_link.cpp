#include "libzel/member/node_link.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "zel/error.hpp"

namespace zel::member {

namespace {

constexpr auto welcome_limit = std::chrono::seconds(30);
// A node does not read a rank while what ranks post cannot be passed on; that lasts as long as a slow link needs.
constexpr auto ask_limit = std::chrono::seconds(60);
constexpr auto leave_limit = std::chrono::seconds(30);
constexpr const char* lost = "the node that runs this job is gone";
constexpr const char* not_welcome =
    "the node has closed this rank's connection: a process of this rank has already left the job (one process per "
    "rank can be its member), or the node is gone";

/// The listener must not take the program's signals.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

NodeLink::NodeLink(base::UniqueFd socket) : process_(::getpid()), channel_(std::move(socket)) {}

NodeLink::~NodeLink() { leave(); }

NodeLink::Joined NodeLink::join() {
  channel_.push(wire::member::encode(wire::member::ToNode(wire::member::Hello{})));
  if (auto sent = channel_.flush_within(welcome_limit); !sent) throw Error(Errc::node_lost, not_welcome);
  auto answer = channel_.receive_within(welcome_limit);
  if (!answer && answer.error().code == base::Errc::peer_gone) {
    throw Error(Errc::node_lost, not_welcome);
  }
  if (!answer) throw Error(Errc::node_lost, std::string("the node did not answer: ") + answer.error().text);
  auto message = wire::member::decode_to_member(*answer);
  if (!message) throw Error(Errc::node_lost, "the node's answer makes no sense; are libzel and zrun of one version?");
  if (const auto* refused = std::get_if<wire::member::Refused>(&*message)) throw Error(Errc::usage, refused->text);
  auto* welcome = std::get_if<wire::member::Welcome>(&*message);
  if (!welcome || welcome->protocol != wire::member::version) {
    throw Error(Errc::node_lost, "libzel and zrun are of different versions");
  }
  return {std::move(*welcome), channel_.take_fd()};
}

void NodeLink::listen(Listener listener) {
  listener_ = std::move(listener);
  const AllSignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

void NodeLink::run() {
  for (;;) {
    auto message = channel_.receive_within(base::Duration(-1));
    if (!message || !handle(*message)) return listener_.on_node_gone(lost);
  }
}

bool NodeLink::handle(base::ByteView bytes) {
  auto message = wire::member::decode_to_member(bytes);
  if (!message) return false;
  if (const auto* news = std::get_if<wire::member::Events>(&*message)) {
    listener_.on_events(news->events);
  } else if (const auto* refused = std::get_if<wire::member::Refused>(&*message)) {
    listener_.on_refused(refused->text);
  } else if (auto* post = std::get_if<wire::member::Post>(&*message)) {
    listener_.on_post(std::move(*post));
  } else if (const auto* credit = std::get_if<wire::member::PostCredit>(&*message)) {
    listener_.on_post_credit(*credit);
  }
  return true;
}

void NodeLink::ask(const wire::member::ToNode& request) {
  const std::lock_guard lock(writing_);
  channel_.push(wire::member::encode(request));
  if (auto sent = channel_.flush_within(ask_limit); !sent) throw Error(Errc::node_lost, lost);
}

void NodeLink::leave() noexcept {
  if (!thread_.joinable()) return;
  if (::getpid() != process_) return thread_.detach();
  try {
    ask(wire::member::Leave{});
    // The node closes when it has written "left"; that ends the listener.
    pollfd closed{channel_.fd(), POLLRDHUP, 0};
    ::poll(&closed, 1, static_cast<int>(std::chrono::milliseconds(leave_limit).count()));
  } catch (const std::exception&) {
    // The node is gone already: there is nobody to take leave of.
  }
  ::shutdown(channel_.fd(), SHUT_RDWR);
  thread_.join();
}

}  // namespace zel::member
