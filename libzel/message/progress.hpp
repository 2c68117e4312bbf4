// Why: whatever a rank waits for, meanwhile it takes in what others send it, and it learns who is gone. So
// there is one way to wait, and everything that blocks is a question asked again and again by it.
//
// Who is gone is looked at before the rings and posts are, and the verdict is spoken after: what a member sent
// completely before it went is found there and received first.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libzel/message/departures.hpp"
#include "libzel/message/intake.hpp"
#include "libzel/message/outbox.hpp"
#include "libzel/net/reach.hpp"
#include "libzel/net/waiter.hpp"
#include "zel/error.hpp"

namespace zel::message {

/// How closely to look while waiting.
enum class Depth {
  quick,         // at what is most likely
  thorough,      // at everything, also at reasons to give up
  before_sleep,  // thorough; what nobody tells us about after this, we miss
};

class Progress {
 public:
  /// `reach` may be null: a job of one rank.
  Progress(int rank, int size, const net::Patience& patience, std::unique_ptr<net::Reach> reach);

  Intake& intake() { return intake_; }
  const Intake& intake() const { return intake_; }
  net::Reach* reach() { return reach_.get(); }
  const net::Reach* reach() const { return reach_.get(); }
  Outbox& outbox() { return outbox_; }
  Departures& departures() { return departures_; }
  /// Called when words between ranks have come; it takes them out of the intake.
  void on_words(std::function<void()> hear) { hear_words_ = std::move(hear); }
  /// After departures() was told something, or reach(). Any thread.
  void wake() {
    doorbell_.ring();
    if (reach_) reach_->rouse();
  }

  /// Takes in what `from` has sent. Throws Error: malformed, system.
  void look_at(int from);
  /// The same for the sender of a message that is half received, and if `thorough` whether it is gone.
  void look_closely_at(int from, bool thorough);
  /// Takes in what anybody has sent, until the receive that waits is over. Throws Error: malformed, system.
  void look_around();
  /// The same, if anything may have come; then maybe_pending() is false until something more does.
  void look_if_pending();
  /// Whether messages may lie in the rings.
  bool maybe_pending() const {
    return left_over_ || doorbell_.pending();
  }

  /// Learns who is gone.
  void hear_departures();
  /// Throws node_lost if the node is gone.
  void check_node() const;
  /// Throws if waiting is pointless: node_lost, or limit_reached because a sender's messages pile up here.
  void check_wait() const;
  /// Throws what became of `rank`, if it is gone and all it sent has been taken in.
  void check_member(int rank) const;
  /// Throws if no member but this one is left.
  void check_anybody() const;
  bool gone(int rank) const { return fates_[static_cast<std::size_t>(rank)].has_value(); }
  const std::vector<int>& gone_ranks() const { return gone_ranks_; }
  /// All that `rank`, which is gone, has sent has been taken in.
  bool settled(int rank) const;
  [[noreturn]] void throw_fate(int rank) const;
  /// Of one that is gone: it left in order.
  bool left_in_order(int rank) const { return fates_[static_cast<std::size_t>(rank)]->in_order; }
  const std::string& fate_text(int rank) const { return fates_[static_cast<std::size_t>(rank)]->text; }

  /// Asks `look(Depth)` until it says yes (then true) or `deadline` is over (then false). Sleeps when that
  /// takes long.
  template <class Look>
  bool wait(const net::Deadline& deadline, Look&& look);

 private:
  struct Fate {
    Errc code;
    std::string text;
    bool in_order = false;
  };
  /// While it waits, this rank looks at its links itself.
  class LooksItself {
   public:
    explicit LooksItself(net::Reach* reach) : reach_(reach) {
      if (reach_) reach_->begin_wait();
    }
    ~LooksItself() {
      if (reach_) reach_->end_wait();
    }
    LooksItself(const LooksItself&) = delete;
    LooksItself& operator=(const LooksItself&) = delete;

   private:
    net::Reach* reach_;
  };
  enum class Drained { empty, stopped, held, damaged };

  void settle_departed();
  void member_is_gone(int rank, Fate fate);
  Drained drain(net::Reader& reader, bool beyond_limit);
  void note(net::Reader& reader, Drained drained);
  [[noreturn]] void refuse_damaged(int from);

  int rank_;
  int size_;
  net::Patience patience_;
  std::unique_ptr<net::Reach> reach_;
  std::atomic<std::uint32_t> own_doorbell_{0};  // of a rank that shares no memory
  net::Doorbell doorbell_;
  Intake intake_;
  Outbox outbox_;
  Departures departures_;
  std::function<void()> hear_words_;
  std::vector<std::optional<Fate>> fates_;  // by rank
  std::vector<int> gone_ranks_;
  std::vector<int> unsettled_;  // gone, but not all they sent has been taken in
  std::vector<int> newcomers_damaged_;
  std::optional<std::string> node_cause_;
  int held_from_ = -1;  // whose messages are not taken in because of max_unreceived_bytes
  bool left_over_ = false;  // the last look left something in a ring
  std::size_t turn_ = 0;    // whose ring comes first, so that a busy one does not come first always
};

template <class Look>
bool Progress::wait(const net::Deadline& deadline, Look&& look) {
  constexpr unsigned looks_per_thorough = 8;
  net::Waiter waiter(patience_);
  const LooksItself looks_itself(reach_.get());
  for (unsigned looks = 1;; ++looks) {
    if (look(looks % looks_per_thorough == 0 ? Depth::thorough : Depth::quick)) {
      waiter.answered();
      return true;
    }
    if (!(reach_ && reach_->sleeps_at_once()) && waiter.look_again()) continue;
    if (deadline.over()) return false;
    doorbell_.prepare_to_sleep();
    const bool left_over_before = std::exchange(left_over_, false);
    if (!outbox_.empty()) {
      outbox_.ask_for_room();
      outbox_.push();
    }
    const bool found = look(Depth::before_sleep);
    const bool busy = found || left_over_;
    left_over_ = left_over_ || left_over_before;
    if (busy) {
      doorbell_.stay_awake();
    } else {
      waiter.slept(reach_ ? reach_->sleep(doorbell_, deadline.left()) : doorbell_.sleep(deadline.left()));
    }
    if (found) return true;
  }
}

}  // namespace zel::message
