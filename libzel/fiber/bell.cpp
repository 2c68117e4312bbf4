// Why: see bell.hpp.
#include "libzel/fiber/bell.hpp"

namespace zel::fiber {

void Bell::lie_down() {
  lying_.store(1, std::memory_order_seq_cst);
  ward_.asleep_.fetch_add(1, std::memory_order_seq_cst);
}

void Bell::get_up() {
  if (lying_.exchange(0, std::memory_order_seq_cst) == 1) ward_.asleep_.fetch_sub(1, std::memory_order_seq_cst);
}

void Bell::sleep() {
  while (lying_.load(std::memory_order_acquire) == 1) lying_.wait(1, std::memory_order_acquire);
}

// Who rings takes the sleeper off the count, so that the next giver rings another one.
bool Bell::ring() {
  if (lying_.load(std::memory_order_seq_cst) == 0) return false;
  if (lying_.exchange(0, std::memory_order_seq_cst) == 0) return false;
  ward_.asleep_.fetch_sub(1, std::memory_order_seq_cst);
  lying_.notify_one();
  return true;
}

}  // namespace zel::fiber
