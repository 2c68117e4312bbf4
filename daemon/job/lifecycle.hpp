// Why: a job is a small state machine, and every way it can end must end the same way: ranks gone, tree
// swept on every host, output out, launcher told. The phases are a table; the bookkeeping of ranks and hosts
// stands around it. It begins when every host is prepared. Pure: events and the time in, actions out.
//
//     starting ─ all ranks started or failed to ─▶ running
//     starting, running ─ cancel ─▶ ending            (SIGTERM to all, a grace period begins)
//     starting, running, ending ─ all ranks ended ─▶ sweeping
//     starting, running, ending ─ kill, grace over ─▶ sweeping
//     sweeping ─ every host swept or lost ─▶ draining ─ output is out ─▶ ended
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "wire/keeper.hpp"
#include "wire/run.hpp"

namespace zel::job {

enum class Phase : std::uint8_t { starting, running, ending, sweeping, draining, ended };

/// The exit statuses that are zrun's own. 1 … 123 and 129 … 192 are left to the ranks.
inline constexpr int status_timeout = 124;
inline constexpr int status_launcher_failed = 125;
inline constexpr int status_not_executable = 126;
inline constexpr int status_not_found = 127;
inline constexpr int status_signal_base = 128;

struct LifecycleSetup {
  std::uint32_t ranks = 1;
  std::string program;               // for messages
  std::vector<std::string> hosts;    // their names, for messages
  std::vector<std::uint32_t> host_of;  // by rank: index into hosts
  wire::run::OnFailure on_failure = wire::run::OnFailure::cancel;
  base::Duration grace{};
  base::Duration timeout{};  // zero: none
};

struct SignalRank {
  std::uint32_t rank;
  int number;
};
struct SweepHost {
  std::uint32_t host;
};
/// It does not say that its ranks are gone; its output is not waited for either.
struct GiveUpHost {
  std::uint32_t host;
};
struct TellLauncher {
  wire::run::ToLauncher message;
};
/// The job is over and may be forgotten; comes after the last TellLauncher.
struct Forget {};
using Action = std::variant<SignalRank, SweepHost, GiveUpHost, TellLauncher, Forget>;

class Lifecycle {
 public:
  Lifecycle(LifecycleSetup setup, base::Time now);

  // What happened. Each call may add actions.
  void on_spawned(const wire::keeper::Spawned& spawned);
  void on_spawn_failed(const wire::keeper::SpawnFailed& failed, base::Time now);
  void on_exited(const wire::keeper::Exited& exited, base::Time now);
  void on_swept(std::uint32_t host, const wire::keeper::Swept& swept, base::Time now);
  /// This host's ranks are gone for `cause`, and nothing of them is left that could be swept. Those that had
  /// not ended have failed with `status`; so has the job if output is missing.
  void on_host_lost(std::uint32_t host, int status, const std::string& cause, bool output_missing, base::Time now);
  /// Every stream of every rank has been passed on.
  void on_output_drained();
  void on_signal(int number, base::Time now);
  /// `cause`: empty when it was the user's wish.
  void on_kill(base::Time now, const std::string& cause = {});
  /// The launcher is gone: nobody is there to wait for.
  void on_launcher_lost(base::Time now);
  void on_timer(base::Time now);

  /// When on_timer wants to be called next; base::never if it does not.
  base::Time next_deadline() const;
  /// What is to be done, in order; empties the list.
  std::vector<Action> take_actions();

  Phase phase() const { return phase_; }
  std::uint32_t ranks() const { return setup_.ranks; }
  /// "rank 3 (pid 71 on here)"
  std::string name_of(std::uint32_t rank) const;

 private:
  enum class Event : std::uint8_t { all_started, cancel, all_ended, kill, swept, drained };
  struct Transition;
  static const Transition table[];
  struct Rank {
    std::int32_t pid = 0;
    bool started = false;
    bool ended = false;
    bool told_to_end = false;
  };

  void step(Event event);
  void enter(Phase phase);
  void rank_over(std::uint32_t rank);
  void fail_rank(std::uint32_t rank, int status, const std::string& cause, base::Time now);
  void begin_cancel(int status_at_least, const std::string& cause, base::Time now);
  void tell_to_end();
  void tell(wire::run::ToLauncher message) { actions_.push_back(TellLauncher{std::move(message)}); }
  void host_over(std::uint32_t host, int status, const std::string& cause, base::Time now);
  void lose_ranks(std::uint32_t host, int status, const std::string& cause, base::Time now);

  LifecycleSetup setup_;
  base::Time now_;  // of the last event that brought the time
  Phase phase_ = Phase::starting;
  std::vector<Rank> ranks_;
  std::vector<bool> host_over_;  // swept or lost
  std::uint32_t hosts_over_ = 0;
  std::uint32_t started_ = 0;  // started, or failed to
  std::uint32_t over_ = 0;
  int user_signal_ = 0;        // SIGINT or SIGTERM that the user had forwarded
  std::vector<int> early_signals_;  // the user's, for ranks that are not known to have started; no two alike
  int exit_status_ = 0;
  std::string cause_;
  bool launcher_gone_ = false;
  bool output_drained_ = false;
  base::Time timeout_at_ = base::never;
  base::Time grace_over_at_ = base::never;
  base::Time swept_by_ = base::never;
  std::vector<Action> actions_;
};

}  // namespace zel::job
