#include "daemon/io/host_io.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace zel::io {

namespace {

// Streams, member socket and what is on its way to the keeper, for each rank; and some for the node itself.
constexpr std::uint64_t descriptors_per_rank = 8;
constexpr std::uint64_t descriptors_of_node = 64;

base::Result<std::pair<base::UniqueFd, base::UniqueFd>> open_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::fail_errno("cannot make a pipe", errno);
  return std::pair(base::UniqueFd(ends[0]), base::UniqueFd(ends[1]));
}

base::UniqueFd duplicate(const base::UniqueFd& fd) {
  return base::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
}

}  // namespace

bool HostIo::on_keeper_message(base::ByteView bytes) {
  auto decoded = wire::keeper::decode_to_node(bytes);
  if (!decoded) return false;
  swept_ = swept_ || std::holds_alternative<wire::keeper::Swept>(*decoded);
  return events_.keeper_said(job_, *decoded);
}

base::Result<void> HostIo::start(const job::StartRanks& request, KeeperProcess keeper,
                                std::uint64_t ranks_open_files) {
  const std::uint64_t needed = request.ranks.size() * descriptors_per_rank + descriptors_of_node;
  if (needed > open_files_limit()) {
    return base::fail(base::Errc::limit_reached,
                      std::to_string(request.ranks.size()) + " ranks need " + std::to_string(needed) +
                          " open files, the limit is " + std::to_string(open_files_limit()) +
                          "; start fewer ranks, or raise the hard limit (ulimit -Hn)");
  }
  segment_.reset(::memfd_create("zel-job", MFD_CLOEXEC));
  no_input_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!segment_ || !no_input_) return base::fail_errno("cannot open the job's shared memory", errno);

  keeper_pid_ = keeper.pid;
  keeper_ = std::make_unique<Connection>(
      loop_, std::move(keeper.connection), [this](base::ByteView bytes) { return on_keeper_message(bytes); },
      [this](const std::string&) {
        if (!swept_) events_.keeper_gone(job_, keeper_pid_);
      });
  wire::keeper::Program program = request.program;
  program.open_files = ranks_open_files;
  to_keeper(program);

  input_ = std::make_unique<RankInput>(
      loop_, [this](std::uint32_t bytes) { events_.stdin_taken(job_, bytes); },
      [this] { events_.stdin_closed(job_); });
  for (const auto& spawn : request.ranks) {
    auto descriptors = open_rank(request, spawn.rank);
    if (!descriptors) return tl::unexpected(descriptors.error());
    keeper_->send(wire::keeper::encode(spawn), std::move(*descriptors));
  }
  input_->write({});  // says so at once if nobody reads
  return {};
}

/// Makes the rank's four descriptors; our ends are watched from here on, the rank's are returned.
base::Result<std::vector<base::UniqueFd>> HostIo::open_rank(const job::StartRanks& request, std::uint32_t rank) {
  using wire::run::Stream;
  std::vector<base::UniqueFd> theirs(wire::keeper::descriptors_per_spawn);
  const bool reads = request.stdin_to == wire::run::StdinTo::all_ranks ||
                     (request.stdin_to == wire::run::StdinTo::one_rank && request.stdin_rank == rank);
  if (reads) {
    auto in = open_pipe();
    if (!in) return tl::unexpected(in.error());
    theirs[0] = std::move(in->first);
    input_->add_reader(std::move(in->second));
  } else {
    theirs[0] = duplicate(no_input_);
  }
  auto out = open_pipe();
  auto err = open_pipe();
  auto member = wire::socket_pair();
  if (!theirs[0] || !out || !err || !member) {
    return base::fail(base::Errc::limit_reached, "the node cannot open rank " + std::to_string(rank) + "'s streams: " + std::strerror(errno) +
                                                     "; start fewer ranks there, or raise its hard limit (ulimit -Hn)");
  }
  theirs[1] = std::move(out->second);
  theirs[2] = std::move(err->second);
  theirs[3] = std::move(member->second);

  const std::uint32_t window_bytes = wire::run::output_window_bytes(request.size);
  Rank& mine = ranks_[rank];
  mine.out = open_output(rank, Stream::out, std::move(out->first), window_bytes);
  mine.err = open_output(rank, Stream::err, std::move(err->first), window_bytes);
  mine.member = std::make_unique<Connection>(
      loop_, std::move(member->first),
      [this, rank](base::ByteView bytes) {
        auto decoded = wire::member::decode_to_node(bytes);
        return decoded && events_.member_said(job_, rank, *decoded);
      },
      [this, rank](const std::string&) { events_.member_gone(job_, rank); });
  return theirs;
}

std::unique_ptr<RankOutput> HostIo::open_output(std::uint32_t rank, wire::run::Stream stream, base::UniqueFd pipe,
                                                std::uint32_t window_bytes) {
  return std::make_unique<RankOutput>(
      loop_, std::move(pipe), window_bytes,
      [this, rank, stream](base::ByteView bytes) {
        events_.output(job_, {rank, stream, {bytes.begin(), bytes.end()}});
      },
      [this, rank, stream] { events_.output_ended(job_, rank, stream); });
}

void HostIo::to_streams(const job::ToStreams& action) {
  if (const auto* data = std::get_if<wire::run::StdinData>(&action.message)) {
    if (input_) input_->write(data->bytes);
  } else if (const auto* credit = std::get_if<wire::run::OutputCredit>(&action.message)) {
    const auto rank = ranks_.find(credit->rank);
    if (rank == ranks_.end()) return;
    auto& stream = credit->stream == wire::run::Stream::out ? rank->second.out : rank->second.err;
    if (stream) stream->add_credit(credit->bytes);
  } else if (input_) {
    input_->end();
  }
}

void HostIo::to_keeper(const wire::keeper::ToKeeper& message) {
  if (keeper_) keeper_->send(wire::keeper::encode(message));
}

void HostIo::to_member(std::uint32_t rank, const wire::member::ToMember& message) {
  const auto found = ranks_.find(rank);
  if (found == ranks_.end() || !found->second.member) return;
  Connection& member = *found->second.member;
  std::vector<base::UniqueFd> descriptors;
  if (const auto* welcome = std::get_if<wire::member::Welcome>(&message)) {
    // The first member to come makes the memory real; a job that does not use libzel never does.
    if (::ftruncate(segment_.get(), static_cast<off_t>(welcome->segment_bytes)) != 0) {
      const wire::member::Refused refused{base::fail_errno("the node cannot make the job's shared memory (ulimit -f?)", errno)
                                              .value().text};
      member.send(wire::member::encode(wire::member::ToMember(refused)));
      return;
    }
    descriptors.push_back(duplicate(segment_));
  }
  member.send(wire::member::encode(message), std::move(descriptors));
}

void HostIo::close_member(std::uint32_t rank) {
  const auto found = ranks_.find(rank);
  if (found != ranks_.end() && found->second.member) found->second.member->finish();
}

void HostIo::hold_members(bool held) {
  for (auto& entry : ranks_) {
    if (entry.second.member) entry.second.member->hold(held);
  }
}

void HostIo::finish_output() {
  for (auto& [number, rank] : ranks_) {
    if (rank.out) rank.out->finish();
    if (rank.err) rank.err->finish();
  }
}

}  // namespace zel::io
