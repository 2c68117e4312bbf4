#include "daemon/keeper/spawner.hpp"

#include <sys/eventfd.h>

#include <cstdlib>
#include <system_error>

namespace zel::keeper {

Spawner::Spawner(const Image& image, unsigned threads)
    : image_(image), ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // One thread starts ranks as well as two, only slower.
  }
}

Spawner::~Spawner() {
  // Its threads cannot end before the job does; ending the process is the only way out.
  std::abort();
}

void Spawner::submit(Order order) {
  ++outstanding_;
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back(std::move(order));
  }
  changed_.notify_one();
}

void Spawner::cancel() {
  const std::lock_guard lock(mutex_);
  outstanding_ -= orders_.size();
  orders_.clear();
}

std::vector<Outcome> Spawner::take_outcomes() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(ready_.get(), &count, sizeof count);
  std::vector<Outcome> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(outcomes_);
  }
  outstanding_ -= taken.size();
  return taken;
}

void Spawner::work() {
  for (;;) {
    Order order;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !orders_.empty(); });
      order = std::move(orders_.front());
      orders_.pop_front();
    }
    Launch plan{std::move(order.environment), std::move(order.cpus), order.in.get(),
                order.out.get(),              order.err.get(),       order.kept.get()};
    Outcome outcome{order.rank, {}, std::chrono::steady_clock::now()};
    outcome.launched = launch(image_, plan);
    const std::lock_guard lock(mutex_);
    outcomes_.push_back(std::move(outcome));
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(ready_.get(), &one, sizeof one);
  }
}

}  // namespace zel::keeper
