// Why: vfork stops the calling thread until the child has executed, so one thread uses one core; a few
// threads start processes as fast as the machine can.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "daemon/keeper/spawn.hpp"

namespace zel::keeper {

/// One rank to start. Owns the descriptors until the rank has them.
struct Order {
  std::uint32_t rank = 0;
  std::vector<std::string> environment;
  std::vector<std::uint32_t> cpus;
  base::UniqueFd in, out, err, kept;
};

struct Outcome {
  std::uint32_t rank = 0;
  Launched launched;
  base::Time started;
};

/// Threads that live as long as this process: a rank is killed when the thread that started it ends.
class Spawner {
 public:
  /// `image` must outlive the process. Blocks all signals in its threads.
  Spawner(const Image& image, unsigned threads);
  [[noreturn]] ~Spawner();

  /// False when not even one thread could be made: nothing can be started.
  bool works() const { return !threads_.empty(); }
  void submit(Order order);
  /// Forgets the orders that no thread has begun; those begun are still answered.
  void cancel();
  /// Orders submitted and not yet answered by take_outcomes().
  std::size_t outstanding() const { return outstanding_; }
  /// What has been started since the last call.
  std::vector<Outcome> take_outcomes();
  /// Readable when take_outcomes() has something.
  int ready_fd() const { return ready_.get(); }

 private:
  void work();

  const Image& image_;
  base::UniqueFd ready_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Order> orders_;
  std::vector<Outcome> outcomes_;
  std::size_t outstanding_ = 0;  // touched by the owner's thread only
  std::vector<std::thread> threads_;
};

}  // namespace zel::keeper
