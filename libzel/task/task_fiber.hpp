// Why: a fibre with the task that runs on it, and what of its thread's state goes with it.
#pragma once

#include "libzel/fiber/fiber.hpp"
#include "libzel/task/thread_worker.hpp"

namespace zel::task {

class TaskFiber final : public detail::FrameWaiter {
 public:
  TaskFiber(ThreadWorker& of, detail::TaskFrame& task, const fiber::Stack& stack)
      : worker(of), frame(task), scope(task.scope), fiber(stack, &TaskFiber::enter, this) {}

  void frame_settled() override { worker.wake(*this); }

  ThreadWorker& worker;
  detail::TaskFrame& frame;        // valid until it is settled
  const detail::TaskScope* scope;  // while it does not run: to go on with
  fiber::Fiber fiber;

 private:
  static void enter(fiber::Fiber&, void* argument) noexcept {
    auto& self = *static_cast<TaskFiber*>(argument);
    const detail::FrameState how = self.frame.run();
    self.worker.settle(self.frame, how);
  }
};

}  // namespace zel::task
