// Why: a host's part of a job: its ranks, their keeper, and the copy of the membership log that its members
// read. It does as the primary says, and when the primary is lost it ends its part by itself: no rank outlives
// its job. Pure: what the primary, the keeper and members say in, what to do and what to say out.
//
//     prepared ─ start ─▶ running ─ sweep, over, primary lost ─▶ sweeping ─ swept, keeper lost ─▶ swept
//     prepared, swept ─ over, primary lost ─▶ gone
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "daemon/deploy/placement.hpp"
#include "wire/job.hpp"

namespace zel::job {

/// Make the pipes, start the keeper, hand it the program and each rank with its descriptors.
struct StartRanks {
  std::uint32_t size;  // ranks of the whole job
  wire::keeper::Program program;
  std::vector<wire::keeper::Spawn> ranks;
  wire::run::StdinTo stdin_to;
  std::uint32_t stdin_rank;
};
struct ToKeeper {
  wire::keeper::ToKeeper message;
};
/// It does not answer: kill it, sweep what is left, call on_keeper_gone.
struct KillKeeper {};
struct ToMember {
  std::uint32_t rank;
  wire::member::ToMember message;  // with a Welcome goes the job's shared memory
};
/// The member has left: close its socket after what was sent.
struct CloseMember {
  std::uint32_t rank;
};
/// For the ranks' stdin, or how much more of an output may be read.
struct ToStreams {
  std::variant<wire::run::StdinData, wire::run::StdinEnd, wire::run::OutputCredit> message;
};
/// The members' sockets are not read while what they say cannot be passed on.
struct HoldMembers {
  bool held;
};
/// The part is over: let go of all that belongs to it.
struct ForgetRanks {};
using HostAction =
    std::variant<StartRanks, ToKeeper, KillKeeper, ToMember, CloseMember, ToStreams, HoldMembers, ForgetRanks>;

struct HostSetup {
  std::string host;            // its name, for people
  deploy::Placement placement;
  std::uint32_t cores = 1;     // usable by the job's ranks here, together
  std::vector<std::string> addresses{};  // at which ranks here may be reached by others; none: not at all
  bool bind = true;            // false: the topology is of another host, its processors are not here to bind to
};

class HostJob {
 public:
  HostJob(HostSetup setup, wire::job::Prepare prepare);
  /// One that cannot be prepared: it says so, and waits to be forgotten.
  HostJob(HostSetup setup, wire::job::Prepare prepare, wire::job::PrepareFailed failed);

  void on_primary(const wire::job::ToHost& message, base::Time now);
  void on_primary_lost(base::Time now);
  /// The node stops: end this part now; the primary hears of it.
  void on_stop(base::Time now);

  /// StartRanks could not be carried out.
  void on_start_failed(const std::string& text);
  void on_keeper(const wire::keeper::ToNode& message);
  /// The keeper died, and what was left of its tree has been swept.
  void on_keeper_gone();
  void on_output(wire::run::Output output) { say(std::move(output)); }
  void on_output_end(std::uint32_t rank, wire::run::Stream stream) { say(wire::run::OutputEnd{rank, stream}); }
  void on_stdin_taken(std::uint32_t bytes) { say(wire::run::StdinCredit{bytes}); }
  void on_stdin_closed() { say(wire::run::StdinClosed{}); }
  /// bad_message: no libzel says this, close its connection.
  base::Result<void> on_member(std::uint32_t rank, const wire::member::ToNode& message);
  void on_member_gone(std::uint32_t rank, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;

  /// Tells every connected member what it has not seen of the log; once for many entries.
  void publish();
  std::vector<HostAction> take_actions() { return std::exchange(actions_, {}); }
  std::vector<wire::job::ToPrimary> take_messages() { return std::exchange(messages_, {}); }

  /// May be forgotten, once what it says has been acknowledged.
  bool gone() const { return stage_ == Stage::gone; }
  const wire::job::Prepare& prepare() const { return prepare_; }
  const HostSetup& setup() const { return setup_; }
  std::string phase() const;

 private:
  enum class Stage : std::uint8_t { prepared, running, sweeping, swept, gone };
  struct Rank {
    bool connected = false;       // welcomed, and still there
    bool ended = false;
    std::uint64_t told = 0;       // the last log entry sent to this member
    base::Time lost_at = base::never;
    std::vector<wire::member::ToMember> early;  // posts that came before the welcome
    std::size_t early_bytes = 0;
  };

  Rank* find(std::uint32_t rank);
  void say(wire::job::ToPrimary message);
  void start();
  void sweep(base::Time now);
  void swept();
  void primary_done(base::Time now);
  void admit(std::uint32_t rank);
  void tell_member(std::uint32_t rank, const wire::member::ToMember& message);

  HostSetup setup_;
  wire::job::Prepare prepare_;
  Stage stage_ = Stage::prepared;
  bool wanted_ = true;          // by the primary; nothing is said to one that is lost or has done
  base::Time swept_by_ = base::never;
  std::map<std::uint32_t, Rank> ranks_;
  std::vector<wire::member::Event> log_;
  std::vector<HostAction> actions_;
  std::vector<wire::job::ToPrimary> messages_;
};

}  // namespace zel::job
