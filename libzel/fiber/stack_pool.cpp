// Why: see stack_pool.hpp. The only file of this folder that calls the system for memory.
#include "libzel/fiber/stack_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace zel::fiber {
namespace {

StackLimits rounded(StackLimits limits, std::size_t page_bytes) {
  limits.stack_bytes = (limits.stack_bytes + page_bytes - 1) / page_bytes * page_bytes;
  return limits;
}

}  // namespace

StackPool::StackPool(const StackLimits& limits)
    : page_bytes_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))), limits_(rounded(limits, page_bytes_)) {}

StackPool::~StackPool() {
  for (const Stack& stack : kept_) unmap(stack);
}

std::optional<Stack> StackPool::take() {
  if (!kept_.empty()) {
    const Stack stack = kept_.back();
    kept_.pop_back();
    return stack;
  }
  if (existing_ >= limits_.max_stacks) return std::nullopt;
  const std::size_t bytes = limits_.stack_bytes + page_bytes_;
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return std::nullopt;
  if (::mprotect(memory, page_bytes_, PROT_NONE) != 0) {
    ::munmap(memory, bytes);
    return std::nullopt;
  }
  ++existing_;
  return Stack{static_cast<std::byte*>(memory) + page_bytes_, limits_.stack_bytes};
}

void StackPool::give_back(Stack stack) {
  if (kept_.size() < limits_.max_kept) {
    kept_.push_back(stack);
  } else {
    unmap(stack);
    --existing_;
  }
}

void StackPool::unmap(const Stack& stack) { ::munmap(stack.bottom - page_bytes_, stack.bytes + page_bytes_); }

}  // namespace zel::fiber
