#include "libzel/member/job_state.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "libzel/net/segment_layout.hpp"
#include "wire/keeper.hpp"

namespace zel::detail {

namespace {

static_assert(wire::member::segment_bytes(2) >= net::segment_bytes_for(2));
static_assert(wire::member::segment_bytes(4096) >= net::segment_bytes_for(4096));

constexpr auto join_limit = std::chrono::seconds(30);
constexpr auto drain_limit = std::chrono::seconds(5);

/// One process has one place in the job: at a time, and under zrun also once.
std::atomic<bool> has_job{false};
std::atomic<bool> has_left{false};  // or has tried to join and failed

/// The socket this process inherited from its node, or none outside zrun.
base::UniqueFd inherited_socket() {
  const char* value = std::getenv(wire::keeper::member_socket_variable);
  if (!value) return {};
  const int fd = static_cast<int>(std::strtol(value, nullptr, 10));
  if (fd < 3 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    throw Error(Errc::usage, std::string(wire::keeper::member_socket_variable) + " names descriptor " + value +
                                 ", which is not open here: was it closed between zrun and this program?");
  }
  // Programs that this one starts are not members.
  ::unsetenv(wire::keeper::member_socket_variable);
  has_left = true;  // whatever becomes of it: there is no second socket
  return base::UniqueFd(fd);
}

std::uint32_t usable_cores() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (::sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  return static_cast<std::uint32_t>(CPU_COUNT(&mine));
}

}  // namespace

JobState::JobState() {
  if (has_job.exchange(true)) throw Error(Errc::usage, "this process already has a zel::Job; it can have one at a time");
  try {
    if (has_left) throw Error(Errc::usage, "this process has left its job; it cannot join again");
    if (auto socket = inherited_socket()) {
      join(std::move(socket));
    } else {
      be_alone();
    }
  } catch (...) {
    link_.reset();  // its listener uses the parts that go next
    has_job = false;
    throw;
  }
}

JobState::~JobState() {
  if (link_) {
    // What is on its way over a link must not be overtaken by the word that this rank has left.
    messages_->drain(drain_limit);
    link_->leave();
  }
  has_job = false;
}

void JobState::join(base::UniqueFd socket) {
  link_ = std::make_unique<member::NodeLink>(std::move(socket));
  auto joined = link_->join();
  welcome_ = std::move(joined.welcome);
  seen_.resize(welcome_.size);
  make_parts(std::move(joined.segment));
  link_->listen({[this](const auto& events) { on_events(events); },
                 [this](const std::string& text) { membership_->refused(text); },
                 [this](wire::member::Post post) { messages_->post(std::move(post)); },
                 [this](const wire::member::PostCredit& credit) { messages_->post_credit(credit); },
                 [this](const std::string& cause) {
                   membership_->node_gone(cause);
                   messages_->node_gone(cause);
                 }});
  membership_->wait_joined(join_limit);
}

void JobState::be_alone() {
  welcome_.job = "alone";
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  welcome_.node = host;
  welcome_.cores = usable_cores();
  make_parts({});
  membership_->add({{1, wire::member::EventKind::joined, 0, "", {}}, {2, wire::member::EventKind::closed, 0, "", {}}});
}

void JobState::make_parts(base::UniqueFd segment) {
  membership_ = std::make_shared<MembershipState>(rank(), size(), [this](const wire::member::ToNode& request) {
    if (link_) {
      link_->ask(request);
    } else {
      answer_alone(request);
    }
  });
  MessageSetup setup;
  setup.rank = rank();
  setup.size = size();
  setup.local_size = static_cast<int>(welcome_.local_size);
  setup.cores = static_cast<int>(welcome_.cores);
  for (const std::uint32_t rank : welcome_.local_ranks) setup.local_ranks.push_back(static_cast<int>(rank));
  setup.host = welcome_.node;
  const char* paths = std::getenv("ZEL_PATHS");
  if (!paths || std::string_view(paths) != "nodes") setup.addresses = welcome_.addresses;
  setup.segment = std::move(segment);
  setup.segment_bytes = welcome_.segment_bytes;
  if (link_) setup.carry = [this](const wire::member::ToNode& message) { return carry(message); };
  auto messages = std::make_unique<MessageState>(std::move(setup));
  messages_ = messages.get();
  public_membership_ = std::make_unique<Membership>(membership_);
  public_messages_ = std::make_unique<Messages>(std::move(messages));
}

bool JobState::carry(const wire::member::ToNode& message) {
  try {
    link_->ask(message);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Without a node the only member grants its own requests.
void JobState::answer_alone(const wire::member::ToNode& request) {
  wire::member::Event event{membership_->sequence() + 1, wire::member::EventKind::terminated, 0, "", {}};
  if (const auto* elect = std::get_if<wire::member::Elect>(&request)) {
    if (membership_->holder(elect->name)) return;
    event.kind = wire::member::EventKind::elected;
    event.text = elect->name;
  } else if (const auto* signal = std::get_if<wire::member::SignalMembers>(&request)) {
    if (signal->to.empty()) return;
    event.kind = wire::member::EventKind::signalled;
    event.text = signal->text;
  } else if (membership_->terminated()) {
    return;
  }
  membership_->add({event});
}

/// Once nobody new will come, whoever has not joined never will, and must not be waited for.
void JobState::forget_the_absent() {
  for (std::size_t rank = 0; rank < seen_.size(); ++rank) {
    if (!seen_[rank]) messages_->member_gone(static_cast<int>(rank), "ended without joining the job");
  }
}

void JobState::on_events(const std::vector<wire::member::Event>& events) {
  using wire::member::EventKind;
  // Who reads of a death finds that sending to the dead already fails.
  for (const auto& event : events) {
    if (event.kind == EventKind::left) messages_->member_gone(static_cast<int>(event.rank), "left the job", true);
    if (event.kind == EventKind::died) messages_->member_gone(static_cast<int>(event.rank), event.text);
    if (event.kind == EventKind::joined) seen_.at(event.rank) = true;
    if (event.kind == EventKind::closed) forget_the_absent();
  }
  membership_->add(events);
}

}  // namespace zel::detail
