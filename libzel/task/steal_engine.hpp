// Why: stealing between ranks as a pure protocol: events in, actions out; no message is sent, no clock read
// and no random number drawn that was not handed in. One engine per rank and computation.
//
// A thief asks rank 0 first, where all work begins, then random members; after a few refusals it waits at its
// lifelines and is quiet. A victim gives its oldest task and keeps a book of loans. The book is what makes
// every result count exactly once: a result is delivered only if its loan is still in the book with that
// thief, and a loan leaves the book when its result is delivered, when its thief is gone (the task is done
// again here), or when it is not wanted any more. A number once used is never used again, so a late result
// finds nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "libzel/task/presence.hpp"
#include "libzel/task/steal_message.hpp"

namespace zel::detail {
class TaskFrame;
}

namespace zel::task {

using Frame = detail::TaskFrame;  // the engine never looks inside

/// A task about to be lent.
struct Loot {
  Frame* frame = nullptr;
  std::uint64_t type_key = 0;
  base::Bytes task;
};

/// The rank's own tasks, as the engine sees them.
class WorkSource {
 public:
  virtual ~WorkSource() = default;
  virtual bool has_work() const = 0;
  /// The oldest task, which is usually the largest; nothing if there is none that can be packed.
  virtual std::optional<Loot> take_oldest() = 0;
};

struct EngineSetup {
  int rank = 0;
  int size = 1;
  std::uint64_t seed = 1;
  int random_attempts = 2;  // victims tried before a thief turns to its lifelines
  // A victim deep in a task that spawns nothing is silent for long; after this the next is tried. An answer
  // that comes later is still welcome.
  base::Duration answer_limit = std::chrono::milliseconds(1);
};

struct Send {  // send the message; if `to` turns out to be gone, tell on_gone()
  int to = 0;
  Message message;
};
struct Accept {  // a task was lent to this rank: run it, and answer with on_done() or give_back()
  int victim = 0;
  std::uint64_t id = 0;
  std::uint64_t type_key = 0;
  base::Bytes task;
};
struct Deliver {  // a task lent from here is done
  Frame* frame = nullptr;
  int thief = 0;
  bool ok = true;
  base::Bytes value;
};
struct Redo {  // a task lent from here is to be run here after all
  Frame* frame = nullptr;
  bool thief_gone = true;
};
struct Abandon {  // nobody waits for this accepted task any more
  int victim = 0;
  std::uint64_t id = 0;
};
struct Finish {  // the root is done
  bool ok = true;
  base::Bytes value;
};
struct RootLost {};  // rank 0 is gone
struct Reported {
  int rank = 0;
  Report report;
};
using Action = std::variant<Send, Accept, Deliver, Redo, Abandon, Finish, RootLost, Reported>;

/// For tests and reports.
struct EngineCounters {
  std::uint64_t steal_attempts = 0;  // Steal messages sent
  std::uint64_t redone = 0;          // loans whose thief was gone
  std::uint64_t late = 0;            // messages about a loan that is closed, or from a rank that is gone
  std::uint64_t unexpected = 0;      // messages that a correct peer does not send
};

class StealEngine {
 public:
  StealEngine(const EngineSetup& setup, WorkSource& source);

  void on_message(int from, Message message, base::Time now);
  void on_joined(int rank);
  /// The rank is gone, for ever as far as this computation is concerned.
  void on_gone(int rank, base::Time now);
  /// There is nothing to run here: begins to look for work; nothing if it does already.
  void on_idle(base::Time now);
  /// To be called at next_deadline(), `never` if there is none; earlier calls do nothing.
  void on_timer(base::Time now);
  base::Time next_deadline() const { return searching_ && asking_ >= 0 ? deadline_ : base::never; }
  /// Something is run here: what was refused before does not count any more.
  void on_busy();
  /// There are tasks here: gives to those that wait at this rank.
  void on_work();
  /// An accepted task is done.
  void on_done(int victim, std::uint64_t id, bool ok, base::Bytes value);
  /// An accepted task was not begun and cannot be.
  void give_back(int victim, std::uint64_t id);
  /// The result of a lent task is not wanted any more. O(loans).
  void cancel(const Frame* frame);
  /// Rank 0 only: the root is done; tells every rank that is not gone.
  void on_root_done(bool ok, base::Bytes value);

  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }

  bool thieves_wait() const { return !waiting_.empty(); }
  Presence presence(int rank) const { return peer(rank).presence; }
  const EngineCounters& counters() const { return counters_; }

 private:
  struct Peer {
    Presence presence = Presence::unknown;
    bool heard = false;     // it has sent something: it is in this computation and will answer
    bool asked = false;     // a Steal of ours is unanswered
    bool lifeline = false;  // we wait there
    bool waits = false;     // it waits here
  };
  struct Lent {
    int thief = 0;
    Frame* frame = nullptr;
  };

  void on(int from, const Steal& message);
  void on(int from, const Refuse& message, base::Time now);
  void on(int from, Loan&& message);
  void on(int from, Result&& message);
  void on(int from, const GiveBack& message);
  void on(int from, const Cancel& message);
  void on(int from, Finished&& message);
  void on(int from, const Report& message);

  const Peer& peer(int rank) const { return peers_[static_cast<std::size_t>(rank)]; }
  Peer& peer(int rank) { return peers_[static_cast<std::size_t>(rank)]; }
  void send(int to, Message message);
  void look_for_work(base::Time now);
  std::optional<int> pick_victim();
  void wait_at_lifelines();
  void steal_from(int rank, bool lifeline);
  bool lend(int thief, bool lifeline);
  std::vector<int> present() const;

  const EngineSetup setup_;
  WorkSource& source_;
  std::minstd_rand random_;
  std::vector<Peer> peers_;
  std::vector<Action> actions_;

  bool searching_ = false;  // idle, and nothing arrived yet
  bool quiet_ = false;      // searching, at the lifelines
  int asking_ = -1;         // searching, and this rank will answer
  base::Time deadline_ = base::never;
  int attempts_ = 0;

  std::deque<int> waiting_;             // thieves that wait here, first come first
  std::map<std::uint64_t, Lent> lent_;  // the book
  std::uint64_t next_loan_ = 1;
  std::set<std::pair<int, std::uint64_t>> held_;  // accepted and not answered
  bool finished_ = false;
  EngineCounters counters_;
};

}  // namespace zel::task
