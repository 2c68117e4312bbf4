// Why: recursion that is deep and tasks that wait need many stacks, each of one size. A stack is address
// space: only what is touched becomes memory, and a page that may not be touched lies under each, so that an
// overflow is a fault and not somebody else's data.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace zel::fiber {

struct StackLimits {
  std::size_t stack_bytes = std::size_t{1} << 20;  // rounded up to pages; the guard page comes on top
  std::size_t max_stacks = 16384;                  // that exist at a time
  std::size_t max_kept = 64;                       // unused ones that are kept; others go back to the system
};

/// A stack on loan from a pool.
struct Stack {
  std::byte* bottom = nullptr;  // the lowest byte that may be touched
  std::size_t bytes = 0;
  std::byte* top() const { return bottom + bytes; }
};

/// Used by one thread.
class StackPool {
 public:
  explicit StackPool(const StackLimits& limits);
  /// All stacks must have been given back.
  ~StackPool();
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  /// Nothing at the limit, or if the system has no more address space.
  std::optional<Stack> take();
  void give_back(Stack stack);

  std::size_t in_use() const { return existing_ - kept_.size(); }
  std::size_t kept() const { return kept_.size(); }

 private:
  void unmap(const Stack& stack);

  const std::size_t page_bytes_;
  const StackLimits limits_;
  std::size_t existing_ = 0;
  std::vector<Stack> kept_;  // the last used is the warmest
};

}  // namespace zel::fiber
