// Why: a rank that waits sleeps on one word of its inbox, whatever it waits for; whoever changes something
// it may wait for rings.
//
//     sender                           sleeper
//     publish; fence; state?           state := asleep; fence; look again; FUTEX_WAIT while asleep
//       not pending: state := pending
//       was asleep: FUTEX_WAKE
//
// The two fences make it impossible that both miss one another (Dekker). `pending` stays until the owner
// clears it before a thorough look, so a stream of messages costs its senders one read of a shared line.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace zel::net {

class Doorbell {
 public:
  explicit Doorbell(std::atomic<std::uint32_t>& state) : state_(&state) {}

  /// Anybody, after publishing what the owner may wait for.
  void ring() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (state_->load(std::memory_order_relaxed) != pending_state) ring_now();
  }

  /// The same for what only sleepers need to be told, after a fence of the caller's.
  void wake_sleeper() {
    if (state_->load(std::memory_order_relaxed) == asleep_state) ring_now();
  }

  // The owner:
  bool pending() const { return state_->load(std::memory_order_relaxed) != idle_state; }
  bool asleep() const { return state_->load(std::memory_order_seq_cst) == asleep_state; }
  /// Before a thorough look at everything.
  void clear();
  /// After it, look at everything once more; then sleep(), or stay_awake().
  void prepare_to_sleep();
  /// Sleeps until rung, at most `limit` (negative: without limit), and tells how long that was. May also
  /// return for no reason.
  base::Duration sleep(base::Duration limit);
  void stay_awake() { state_->store(pending_state, std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t idle_state = 0;
  static constexpr std::uint32_t pending_state = 1;
  static constexpr std::uint32_t asleep_state = 2;

  void ring_now();

  std::atomic<std::uint32_t>* state_;
};

}  // namespace zel::net
