// Why: the descriptors of one job on this node: the launcher's connection, the keeper's, each rank's streams
// and member socket, the shared memory. Control messages go up to the Node; output, stdin and credit pass
// through here without troubling it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "daemon/io/connection.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/rank_input.hpp"
#include "daemon/io/rank_output.hpp"
#include "daemon/node.hpp"

namespace zel::io {

/// Whom a JobIo tells what happened; implemented by the driver of the Node.
class JobEvents {
 public:
  virtual ~JobEvents() = default;
  virtual bool launcher_said(daemon::JobNumber job, const wire::run::ToNode& message) = 0;
  virtual void launcher_gone(daemon::JobNumber job) = 0;
  virtual bool keeper_said(daemon::JobNumber job, const wire::keeper::ToNode& message) = 0;
  virtual void keeper_gone(daemon::JobNumber job, pid_t keeper) = 0;
  virtual void output_drained(daemon::JobNumber job) = 0;
  virtual bool member_said(daemon::JobNumber job, std::uint32_t rank, const wire::member::ToNode& message) = 0;
  virtual void member_gone(daemon::JobNumber job, std::uint32_t rank) = 0;
};

class JobIo {
 public:
  JobIo(EventLoop& loop, JobEvents& events, daemon::JobNumber job, base::UniqueFd launcher);

  /// Makes everything and starts the ranks, through a keeper that is already running.
  base::Result<void> start(const daemon::StartJob& request, KeeperProcess keeper, std::uint64_t ranks_open_files);
  void to_launcher(const wire::run::ToLauncher& message);
  void to_keeper(const wire::keeper::ToKeeper& message);
  void to_member(std::uint32_t rank, const wire::member::ToMember& message);
  void close_member(std::uint32_t rank);
  /// The tree is gone: what is in the pipes is all there will be.
  void finish_output();
  /// Lets the launcher's connection end after what was sent.
  void finish();

  pid_t keeper_pid() const { return keeper_pid_; }

 private:
  struct Rank {
    std::unique_ptr<RankOutput> out, err;
    std::unique_ptr<Connection> member;
  };

  bool on_launcher_message(base::ByteView bytes);
  bool on_keeper_message(base::ByteView bytes);
  base::Result<std::vector<base::UniqueFd>> open_rank(const daemon::StartJob& request, std::uint32_t rank,
                                                      std::uint32_t window_bytes);
  std::unique_ptr<RankOutput> open_output(std::uint32_t rank, wire::run::Stream stream, base::UniqueFd pipe,
                                          std::uint32_t window_bytes);
  void stream_ended(std::uint32_t rank, wire::run::Stream stream);

  EventLoop& loop_;
  JobEvents& events_;
  daemon::JobNumber job_;
  Connection launcher_;
  std::unique_ptr<Connection> keeper_;
  pid_t keeper_pid_ = -1;
  bool swept_ = false;
  base::UniqueFd segment_;
  base::UniqueFd no_input_;
  std::unique_ptr<RankInput> input_;
  std::vector<Rank> ranks_;
  std::size_t open_streams_ = 0;
};

}  // namespace zel::io
