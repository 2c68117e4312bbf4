// Why: the parts of the deque and of spawn that are too rare to be inline.
#include "zel/task_worker.hpp"

#include <algorithm>
#include <string>

#include "zel/error.hpp"

namespace zel::detail {

constinit thread_local TaskWorker* current_worker = nullptr;

TaskWorker::~TaskWorker() = default;

FrameDeque::FrameDeque()
    : slots_(std::make_unique<TaskFrame*[]>(first_capacity + 1)),
      bottom_(slots_.get() + 1),
      top_(bottom_),
      end_(bottom_ + first_capacity) {}

void FrameDeque::drop_oldest() {
  if (empty()) return;
  *bottom_++ = nullptr;
  if (!empty()) return;
  bottom_ = top_ = slots_.get() + 1;
}

bool FrameDeque::remove(const TaskFrame* frame) {
  TaskFrame** slot = top_;
  while (slot != bottom_ && slot[-1] != frame) --slot;
  if (slot == bottom_) return false;
  std::move(slot, top_, slot - 1);
  --top_;
  return true;
}

bool FrameDeque::make_room() {
  TaskFrame** const first = slots_.get() + 1;
  const auto capacity = static_cast<std::size_t>(end_ - first);
  const std::size_t live = size();
  if (live <= capacity / 2) {
    std::move(bottom_, top_, first);
    bottom_ = first;
    top_ = first + live;
    return true;
  }
  if (capacity >= max_capacity) return false;
  auto larger = std::make_unique<TaskFrame*[]>(2 * capacity + 1);
  std::copy(bottom_, top_, larger.get() + 1);
  slots_ = std::move(larger);
  bottom_ = slots_.get() + 1;
  top_ = bottom_ + live;
  end_ = bottom_ + 2 * capacity;
  return true;
}

void throw_outside_compute() {
  throw Error(Errc::usage,
              "a task was spawned or synced outside zel::compute(), or on another thread than its");
}

void throw_synced_twice() { throw Error(Errc::usage, "a spawned task was synced twice"); }

}  // namespace zel::detail
