// Why: see ranks.hpp.
#include "tests/libzel/message/ranks.hpp"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "libzel/net/segment.hpp"

namespace zel::test {
namespace {

struct Notice {
  int rank;
  bool in_order;
};

}  // namespace

base::UniqueFd make_segment(std::uint64_t bytes) {
  base::UniqueFd fd(::memfd_create("zel-test", MFD_CLOEXEC));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) throw std::runtime_error("no memfd");
  return fd;
}

std::uint64_t used_bytes(int segment_fd) {
  struct stat status {};
  if (::fstat(segment_fd, &status) != 0) throw std::runtime_error("no fstat");
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

detail::MessageSetup setup_of(int segment_fd, std::uint64_t bytes, int rank, int size, int cores) {
  detail::MessageSetup setup;
  setup.rank = rank;
  setup.size = size;
  setup.local_size = size;
  setup.cores = cores;
  setup.segment = base::UniqueFd(::dup(segment_fd));
  setup.segment_bytes = bytes;
  return setup;
}

Ranks::Ranks(Options options, Body body)
    : options_(options),
      bytes_(net::segment_bytes_for(static_cast<std::uint64_t>(options.size))),
      segment_(make_segment(bytes_)),
      ranks_(static_cast<std::size_t>(options.size)) {
  for (int rank = 0; rank < options.size; ++rank) {
    int pipe[2];
    if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
    base::UniqueFd read_end(pipe[0]);
    Rank& here = ranks_[static_cast<std::size_t>(rank)];
    here.notices = base::UniqueFd(pipe[1]);
    const pid_t parent = ::getpid();
    here.pid = ::fork();
    if (here.pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      const base::UniqueFd own_notices = std::move(here.notices);
      for (Rank& other : ranks_) other.notices.reset();
      run(rank, read_end.get(), own_notices.get(), body);
    }
    here.process = base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, here.pid, 0)));
  }
  ::signal(SIGPIPE, SIG_IGN);
}

Ranks::~Ranks() {
  for (Rank& rank : ranks_) {
    if (rank.pid < 0) continue;
    ::kill(rank.pid, SIGKILL);
    ::waitpid(rank.pid, nullptr, 0);
  }
}

void Ranks::run(int rank, int notices_fd, int own_notices_fd, const Body& body) {
  int status = 0;
  try {
    Messages messages(
        std::make_unique<detail::MessageState>(setup_of(segment_.get(), bytes_, rank, options_.size, options_.cores)));
    std::thread listener([&] {
      Notice gone{};
      while (::read(notices_fd, &gone, sizeof gone) == sizeof gone && gone.rank >= 0) {
        messages.state().member_gone(gone.rank, "it ended", gone.in_order);
      }
    });
    try {
      body(messages, rank);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
      status = 1;
    }
    const Notice end{-1, false};
    if (::write(own_notices_fd, &end, sizeof end) == sizeof end) listener.join();
    ::_exit(status);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rank %d: %s\n", rank, error.what());
  }
  ::_exit(1);
}

void Ranks::kill(int rank) { ::kill(ranks_[static_cast<std::size_t>(rank)].pid, SIGKILL); }

bool Ranks::wait_until_read(int from, int to, std::uint64_t position) const {
  const auto end = std::chrono::steady_clock::now() + options_.limit;
  const auto segment = net::Segment::map(segment_.get(), bytes_);
  while (segment && std::chrono::steady_clock::now() < end) {
    const auto number = segment->inbox(to).ring_from[from].load();
    if (number != 0 && segment->ring(number - 1)->header->read_to.load() >= position) return true;
    ::sched_yield();
  }
  return false;
}

void Ranks::reap(int rank) {
  Rank& ended = ranks_[static_cast<std::size_t>(rank)];
  ::waitpid(ended.pid, &ended.status, 0);
  ended.pid = -1;
  const Notice gone{rank, ended.status == 0};
  for (const Rank& other : ranks_) {
    if (other.pid >= 0 && ::write(other.notices.get(), &gone, sizeof gone) < 0) continue;
  }
}

std::vector<int> Ranks::finish() {
  const auto end = std::chrono::steady_clock::now() + options_.limit;
  std::size_t living = ranks_.size();
  while (living > 0) {
    std::vector<pollfd> polled;
    for (const Rank& rank : ranks_) polled.push_back({rank.pid >= 0 ? rank.process.get() : -1, POLLIN, 0});
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    ::poll(polled.data(), polled.size(), static_cast<int>(left.count()));
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      if (polled[rank].revents == 0) continue;
      reap(static_cast<int>(rank));
      --living;
    }
  }
  std::vector<int> statuses;
  for (const Rank& rank : ranks_) statuses.push_back(rank.pid >= 0 ? -1 : rank.status);
  return statuses;
}

bool all_end_well(Ranks::Options options, Ranks::Body body) {
  bool well = true;
  const std::vector<int> statuses = Ranks(options, std::move(body)).finish();
  for (std::size_t rank = 0; rank < statuses.size(); ++rank) {
    if (statuses[rank] == 0) continue;
    std::fprintf(stderr, "rank %zu: wait status %d%s\n", rank, statuses[rank], statuses[rank] < 0 ? ": it hung" : "");
    well = false;
  }
  return well;
}

bool all_end_well(Ranks::Options options, std::function<void(detail::MessageState&, int rank)> body) {
  return all_end_well(options, Ranks::Body([body](Messages& messages, int rank) { body(messages.state(), rank); }));
}

std::vector<std::byte> patterned(std::size_t bytes, unsigned seed) {
  std::vector<std::byte> made(bytes);
  for (std::size_t at = 0; at < bytes; ++at) made[at] = pattern_at(at, seed);
  return made;
}

bool is_patterned(std::span<const std::byte> bytes, unsigned seed) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] != pattern_at(at, seed)) return false;
  }
  return true;
}

}  // namespace zel::test
