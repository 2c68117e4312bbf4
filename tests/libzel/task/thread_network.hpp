// Why: ranks as real threads, for the thread sanitizer and for seeing that idle ranks sleep.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "libzel/task/system_clock.hpp"
#include "libzel/task/transport.hpp"

namespace zel::task {

class ThreadNetwork {
 public:
  explicit ThreadNetwork(int size) {
    for (int i = 0; i < size; ++i) ranks_.push_back(std::make_unique<Transport>(*this, i));
  }

  /// Runs program(transport, clock) on a thread per rank.
  template <class Program>
  void run(const Program& program) {
    std::vector<std::thread> threads;
    for (auto& rank : ranks_) threads.emplace_back([&] { program(*rank, clock_); });
    for (auto& thread : threads) thread.join();
  }

 private:
  class Transport final : public TaskTransport {
   public:
    Transport(ThreadNetwork& network, int rank) : network_(network), rank_(rank) {}
    int rank() const override { return rank_; }
    int size() const override { return static_cast<int>(network_.ranks_.size()); }
    bool send(int to, base::ByteView bytes) override {
      Transport& target = *network_.ranks_[static_cast<std::size_t>(to)];
      const std::lock_guard lock(target.mutex_);
      target.inbox_.push_back({rank_, {bytes.begin(), bytes.end()}});
      target.arrived_.store(true, std::memory_order_release);
      target.wake_.notify_one();
      return true;
    }
    std::optional<Received> poll() override {
      const std::lock_guard lock(mutex_);
      arrived_.store(inbox_.size() > 1, std::memory_order_relaxed);
      if (inbox_.empty()) return std::nullopt;
      Received received = std::move(inbox_.front());
      inbox_.pop_front();
      return received;
    }
    void wait(base::Time deadline) override {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return !inbox_.empty() || woken_; };
      if (deadline == base::never) {
        wake_.wait(lock, ready);
      } else {
        wake_.wait_until(lock, deadline, ready);
      }
      woken_ = false;
    }
    void wake() override {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      wake_.notify_one();
    }
    std::uint64_t members_version() const override { return 0; }
    std::vector<Presence> presence() const override {
      return std::vector<Presence>(network_.ranks_.size(), Presence::present);
    }
    Pending pending() const override {
      return {[](const void* of) {
                return static_cast<const Transport*>(of)->arrived_.load(std::memory_order_acquire);
              },
              this};
    }

   private:
    ThreadNetwork& network_;
    const int rank_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Received> inbox_;
    bool woken_ = false;
    std::atomic<bool> arrived_{false};
  };

  SystemTaskClock clock_;
  std::vector<std::unique_ptr<Transport>> ranks_;
};

/// A rank that is alone: nothing may be sent.
class NoNetwork final : public TaskTransport {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  bool send(int, base::ByteView) override { throw std::logic_error("a rank alone sends nothing"); }
  std::optional<Received> poll() override { return std::nullopt; }
  void wait(base::Time) override { throw std::logic_error("a rank alone waits for nothing"); }
  std::uint64_t members_version() const override { return 0; }
  std::vector<Presence> presence() const override { return {Presence::present}; }
  Pending pending() const override { return {}; }
};

}  // namespace zel::task
