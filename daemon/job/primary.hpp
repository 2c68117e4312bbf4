// Why: what the primary of a job knows and decides: which hosts run which ranks, the lifecycle, the membership
// log, who gets stdin. Its own node is a host like any other. Pure: what zrun and the hosts say in, what to
// tell them out.
//
//     preparing ─ all hosts prepared ─▶ running (see lifecycle.hpp) ─▶ done
//     preparing ─ a host fails, is lost or is silent; zrun goes or kills ─▶ done
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/node_id.hpp"
#include "base/time.hpp"
#include "daemon/job/lifecycle.hpp"
#include "daemon/job/membership_log.hpp"
#include "daemon/job/stdin_fan.hpp"
#include "wire/job.hpp"
#include "wire/run.hpp"

namespace zel::job {

/// One host's part of a job.
struct HostShare {
  base::NodeId id;             // nobody: a private node
  std::string name;
  double distance_ms = 0;
  std::uint64_t lease = 0;
  std::uint32_t cores = 0;     // granted; 0: all it has
  std::uint32_t ranks = 0;
};

struct PrimarySetup {
  std::string job;             // its name
  wire::overlay::PeerRecord self;
  wire::run::Submit submit;    // which makes sense
  std::vector<HostShare> hosts;  // nearest first; their ranks make up the submission's
};

struct ToHost {
  std::uint32_t host;          // index into the hosts
  wire::job::ToHost message;
};
using PrimaryAction = std::variant<ToHost, TellLauncher, Forget>;

class PrimaryJob {
 public:
  PrimaryJob(PrimarySetup setup, base::Time now);

  /// bad_message: it makes no sense, close the connection.
  base::Result<void> on_launcher(const wire::run::ToNode& message, base::Time now);
  void on_launcher_gone(base::Time now);
  void on_host(std::uint32_t host, wire::job::ToPrimary message, base::Time now);
  /// `why`: "nothing was heard of it for 10 s".
  void on_host_lost(std::uint32_t host, const std::string& why, base::Time now);
  void on_kill(const std::string& cause, base::Time now);
  /// The node stops: the ranks are asked to end, zrun is told why.
  void on_stop(const std::string& why, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;

  /// Queues for the hosts what they have not seen of the log; once for many entries.
  void publish();
  std::vector<PrimaryAction> take_actions() { return std::exchange(actions_, {}); }

  /// May be forgotten, once its actions are taken.
  bool done() const { return stage_ == Stage::done; }
  const PrimarySetup& setup() const { return setup_; }
  /// The host that runs this rank; none: it is no rank.
  std::optional<base::NodeId> host_id_of(std::uint32_t rank) const {
    if (rank >= host_of_.size()) return std::nullopt;
    return setup_.hosts[host_of_[rank]].id;
  }
  base::Time began() const { return began_; }
  /// For people: "preparing", "running", …
  std::string phase() const;

 private:
  enum class Stage : std::uint8_t { preparing, running, done };
  struct Host {
    std::uint32_t first_rank = 0;
    std::optional<wire::job::Prepared> prepared;
    bool lost = false;
  };
  struct Hears;  // what a host may say, one function each

  bool owns(std::uint32_t host, std::uint32_t rank) const;
  void to_host(std::uint32_t host, wire::job::ToHost message) { actions_.push_back(ToHost{host, std::move(message)}); }
  void tell(wire::run::ToLauncher message) { actions_.push_back(TellLauncher{std::move(message)}); }
  void prepare(std::uint32_t host);
  void refuse(int status, const std::string& text);
  void finish();
  void all_prepared(base::Time now);
  std::string notice() const;
  void end_stream(std::uint32_t rank, wire::run::Stream stream);
  void end_streams_of(std::uint32_t host);
  bool streams_open_on(std::uint32_t host) const;
  void close_stdin_of(std::uint32_t host);
  void member_said(std::uint32_t rank, const wire::member::ToNode& request);
  void member_left(std::uint32_t host, const std::string& cause);
  void carry_out();

  PrimarySetup setup_;
  base::Time began_;
  base::Time prepared_by_;
  Stage stage_ = Stage::preparing;
  bool launcher_gone_ = false;
  std::vector<Host> hosts_;
  std::vector<std::uint32_t> host_of_;  // by rank
  std::uint32_t prepared_ = 0;
  std::optional<Lifecycle> lifecycle_;
  MembershipLog log_;
  std::uint64_t published_ = 0;
  StdinFan stdin_;
  bool stdin_closed_ = false;
  std::vector<std::uint8_t> ended_;     // by rank: a bit for each stream that has ended
  std::size_t open_streams_;
  std::vector<PrimaryAction> actions_;
};

}  // namespace zel::job
