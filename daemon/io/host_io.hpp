// Why: the descriptors of one job's ranks on this host: the keeper's connection, each rank's streams and member
// socket, the shared memory. Where the job's primary is makes no difference here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "daemon/io/connection.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/rank_input.hpp"
#include "daemon/io/rank_output.hpp"
#include "daemon/job/host_job.hpp"

namespace zel::io {

using wire::job::JobId;

/// Whom a HostIo tells what happened; implemented by the driver of the Node.
class HostEvents {
 public:
  virtual ~HostEvents() = default;
  virtual bool keeper_said(const JobId& job, const wire::keeper::ToNode& message) = 0;
  virtual void keeper_gone(const JobId& job, pid_t keeper) = 0;
  virtual void output(const JobId& job, wire::run::Output output) = 0;
  virtual void output_ended(const JobId& job, std::uint32_t rank, wire::run::Stream stream) = 0;
  virtual void stdin_taken(const JobId& job, std::uint32_t bytes) = 0;
  virtual void stdin_closed(const JobId& job) = 0;
  virtual bool member_said(const JobId& job, std::uint32_t rank, const wire::member::ToNode& message) = 0;
  virtual void member_gone(const JobId& job, std::uint32_t rank) = 0;
};

class HostIo {
 public:
  HostIo(EventLoop& loop, HostEvents& events, const JobId& job) : loop_(loop), events_(events), job_(job) {}

  /// Makes everything and starts the ranks, through a keeper that is already running.
  base::Result<void> start(const job::StartRanks& request, KeeperProcess keeper, std::uint64_t ranks_open_files);
  void to_keeper(const wire::keeper::ToKeeper& message);
  void to_member(std::uint32_t rank, const wire::member::ToMember& message);
  void to_streams(const job::ToStreams& action);
  void close_member(std::uint32_t rank);
  void hold_members(bool held);
  /// The tree is gone: what is in the pipes is all there will be.
  void finish_output();

  /// It is killed: its end is no news, and its number may soon be another's.
  void expect_keeper_end() { swept_ = true; }
  pid_t keeper_pid() const { return keeper_pid_; }

 private:
  struct Rank {
    std::unique_ptr<RankOutput> out, err;
    std::unique_ptr<Connection> member;
  };

  bool on_keeper_message(base::ByteView bytes);
  base::Result<std::vector<base::UniqueFd>> open_rank(const job::StartRanks& request, std::uint32_t rank);
  std::unique_ptr<RankOutput> open_output(std::uint32_t rank, wire::run::Stream stream, base::UniqueFd pipe,
                                          std::uint32_t window_bytes);

  EventLoop& loop_;
  HostEvents& events_;
  JobId job_;
  std::unique_ptr<Connection> keeper_;
  pid_t keeper_pid_ = -1;
  bool swept_ = false;
  base::UniqueFd segment_;
  base::UniqueFd no_input_;
  std::unique_ptr<RankInput> input_;
  std::map<std::uint32_t, Rank> ranks_;  // by their numbers in the whole job
};

}  // namespace zel::io
