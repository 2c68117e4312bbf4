// Why: see hosts.hpp.
#include "tests/libzel/message/hosts.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "libzel/net/segment_layout.hpp"
#include "wire/keeper.hpp"

namespace zel::test {

using wire::member::Event;
using wire::member::Events;
using wire::member::Hello;
using wire::member::Leave;
using wire::member::Post;
using wire::member::PostCredit;
using wire::member::Terminate;
using wire::member::ToMember;
using wire::member::ToNode;
using wire::member::Welcome;
using Kind = wire::member::EventKind;

Hosts::Hosts(Options options, Body body)
    : options_(std::move(options)),
      segment_bytes_(net::segment_bytes_for(options_.host_of.size())),
      ranks_(options_.host_of.size()) {
  const int hosts = *std::max_element(options_.host_of.begin(), options_.host_of.end()) + 1;
  for (int host = 0; host < hosts; ++host) segments_.push_back(make_segment(segment_bytes_));
  std::fflush(nullptr);
  for (int rank = 0; rank < size(); ++rank) {
    auto ends = wire::socket_pair();
    if (!ends) throw std::runtime_error("no socket pair");
    const pid_t parent = ::getpid();
    at(rank).pid = ::fork();
    if (at(rank).pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ends->first.reset();
      for (Rank& other : ranks_) other.channel.close();
      run(rank, std::move(ends->second), body);
    }
    at(rank).channel = wire::Channel(std::move(ends->first));
  }
}

Hosts::~Hosts() {
  for (Rank& rank : ranks_) {
    if (rank.pid < 0) continue;
    ::kill(rank.pid, SIGKILL);
    ::waitpid(rank.pid, nullptr, 0);
  }
}

void Hosts::run(int rank, base::UniqueFd socket, const Body& body) {
  try {
    if (const auto stranger = options_.strangers.find(rank); stranger != options_.strangers.end()) {
      wire::Channel channel(std::move(socket));
      stranger->second(channel);
      ::_exit(0);
    }
    ::setenv(wire::keeper::member_socket_variable, std::to_string(socket.get()).c_str(), 1);
    (void)socket.release();  // the Job's now
    Job job;
    body(job);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
    ::_exit(1);
  }
  ::_exit(0);
}

void Hosts::kill(int rank) {
  if (at(rank).pid > 0) ::kill(at(rank).pid, SIGKILL);
}

void Hosts::vanish(int host) {
  for (int rank = 0; rank < size(); ++rank) {
    if (options_.host_of[static_cast<std::size_t>(rank)] != host) continue;
    at(rank).channel.close();
    depart(rank, Kind::died, "its node is gone");
  }
}

void Hosts::tell(int rank, ToMember message) {
  if (at(rank).gone) return;
  // What is for a rank that has not joined waits here until it has.
  at(rank).told.push_back({std::chrono::steady_clock::now() + options_.delay, std::move(message)});
}

void Hosts::log(Kind kind, int rank, std::string text) {
  const Event event{log_.size() + 1, kind, static_cast<std::uint32_t>(rank), std::move(text), {}};
  log_.push_back(event);
  for (int to = 0; to < size(); ++to) {
    if (at(to).joined) tell(to, Events{{event}});
  }
  const bool all = std::all_of(ranks_.begin(), ranks_.end(), [](const Rank& r) { return r.joined || r.gone; });
  if (all && !std::exchange(closed_, true)) log(Kind::closed, 0);
}

void Hosts::welcome(int rank) {
  Welcome answer;
  answer.job = "test";
  answer.rank = static_cast<std::uint32_t>(rank);
  answer.size = static_cast<std::uint32_t>(size());
  answer.cores = static_cast<std::uint32_t>(options_.cores);
  const int host = options_.host_of[static_cast<std::size_t>(rank)];
  answer.node = "host-" + std::to_string(host);
  for (int other = 0; other < size(); ++other) {
    if (options_.host_of[static_cast<std::size_t>(other)] != host) continue;
    if (other == rank) answer.local_rank = static_cast<std::uint32_t>(answer.local_ranks.size());
    answer.local_ranks.push_back(static_cast<std::uint32_t>(other));
  }
  answer.local_size = static_cast<std::uint32_t>(answer.local_ranks.size());
  answer.segment_bytes = segment_bytes_;
  answer.addresses = options_.addresses;
  std::vector<base::UniqueFd> fds;
  fds.emplace_back(::dup(segments_[static_cast<std::size_t>(host)].get()));
  at(rank).channel.push(wire::member::encode(ToMember(answer)), std::move(fds));
  at(rank).channel.push(wire::member::encode(ToMember(Events{log_})));
  at(rank).joined = true;
  log(Kind::joined, rank);
}

void Hosts::carry(int from, Post&& post) {
  const int to = static_cast<int>(post.peer);
  ++posts_;
  std::size_t& on_the_way = on_the_way_bytes_[{from, to}];
  // Words about paths count in no window.
  constexpr std::uint8_t word_kind = 16;
  if (post.kind != word_kind) on_the_way += post.payload.size() + wire::member::post_overhead_bytes;
  most_on_the_way_bytes_ = std::max(most_on_the_way_bytes_, on_the_way);
  post.peer = static_cast<std::uint32_t>(from);
  tell(to, std::move(post));
  if (options_.on_post) options_.on_post(*this, from, to, at(from).posted++);
}

void Hosts::credit(int from, const PostCredit& credit) {
  const int to = static_cast<int>(credit.peer);
  ++credits_;
  on_the_way_bytes_[{to, from}] -= credit.bytes;
  tell(to, PostCredit{static_cast<std::uint32_t>(from), credit.bytes});
}

void Hosts::handle(int rank, ToNode&& message) {
  if (std::holds_alternative<Hello>(message)) welcome(rank);
  if (auto* post = std::get_if<Post>(&message)) carry(rank, std::move(*post));
  if (auto* freed = std::get_if<PostCredit>(&message)) credit(rank, *freed);
  if (std::holds_alternative<Terminate>(message)) {
    log(Kind::terminated, rank);
    if (terminated_call_) terminated_call_(*this);
  }
  if (std::holds_alternative<Leave>(message)) {
    depart(rank, Kind::left, "");
    at(rank).channel.close();
  }
}

void Hosts::depart(int rank, Kind kind, std::string text) {
  if (std::exchange(at(rank).gone, true)) return;
  at(rank).told.clear();
  log(kind, rank, std::move(text));
  if (const auto call = departure_calls_.find(rank); call != departure_calls_.end()) call->second(*this);
}

void Hosts::read(int rank) {
  wire::Channel& channel = at(rank).channel;
  const auto more = channel.fill();
  while (channel.open()) {
    const auto message = channel.next();
    if (!message || !message->has_value()) break;
    auto decoded = wire::member::decode_to_node(**message);
    if (!decoded) throw std::runtime_error("a rank said what no member says");
    handle(rank, std::move(*decoded));
  }
  if (more && *more) return;
  channel.close();
  depart(rank, Kind::died, "it ended");
}

void Hosts::write(int rank) {
  Rank& to = at(rank);
  if (!to.joined || !to.channel.open()) return;
  const auto now = std::chrono::steady_clock::now();
  while (!to.told.empty() && to.told.front().due <= now) {
    to.channel.push(wire::member::encode(to.told.front().message));
    to.told.pop_front();
  }
  // That the other end is gone shows when reading.
  (void)to.channel.flush();
}

void Hosts::reap() {
  for (Rank& rank : ranks_) {
    if (rank.pid >= 0 && ::waitpid(rank.pid, &rank.status, WNOHANG) == rank.pid) rank.pid = -1;
  }
}

std::vector<int> Hosts::finish() {
  const auto end = std::chrono::steady_clock::now() + options_.limit;
  const auto living = [this] { return std::any_of(ranks_.begin(), ranks_.end(), [](auto& r) { return r.pid >= 0; }); };
  while (living() && std::chrono::steady_clock::now() < end) {
    std::vector<pollfd> polled;
    bool delayed = false;
    for (Rank& rank : ranks_) {
      const int fd = rank.channel.open() ? rank.channel.fd() : -1;
      const bool waits_to_write = rank.channel.queued_bytes() > 0;
      polled.push_back({fd, static_cast<short>(POLLIN | (waits_to_write ? POLLOUT : 0)), 0});
      delayed = delayed || (rank.joined && !rank.told.empty());
    }
    const bool open = std::any_of(polled.begin(), polled.end(), [](const pollfd& p) { return p.fd >= 0; });
    ::poll(polled.data(), polled.size(), delayed || !open ? 1 : 50);
    for (int rank = 0; rank < size(); ++rank) {
      if (polled[static_cast<std::size_t>(rank)].revents & ~POLLOUT && at(rank).channel.open()) read(rank);
    }
    for (int rank = 0; rank < size(); ++rank) write(rank);
    reap();
  }
  std::vector<int> statuses;
  for (const Rank& rank : ranks_) statuses.push_back(rank.pid >= 0 ? -1 : rank.status);
  return statuses;
}

bool all_end_well(Hosts::Options options, Hosts::Body body) {
  Hosts hosts(std::move(options), std::move(body));
  const std::vector<int> statuses = hosts.finish();
  bool well = hosts.most_on_the_way_bytes() <= wire::member::post_window_bytes;
  if (!well) std::fprintf(stderr, "%zu bytes were on the way\n", hosts.most_on_the_way_bytes());
  for (std::size_t rank = 0; rank < statuses.size(); ++rank) {
    if (statuses[rank] == 0) continue;
    std::fprintf(stderr, "rank %zu: wait status %d%s\n", rank, statuses[rank], statuses[rank] < 0 ? ": it hung" : "");
    well = false;
  }
  return well;
}

}  // namespace zel::test
