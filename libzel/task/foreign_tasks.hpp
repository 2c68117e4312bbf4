// Why: a task that came from another rank waits here until it is run, may be lent on meanwhile, and must be
// found when its victim is gone or does not want it any more.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "zel/task_frame.hpp"

namespace zel::task {

struct ForeignTask {
  enum class State : std::uint8_t { waiting, running, lent };

  ForeignTask(int from, std::uint64_t number, std::unique_ptr<detail::TaskFrame> task,
              const detail::TaskScope& computation)
      : victim(from), id(number), scope(&computation), frame(std::move(task)) {
    frame->foreign = true;
    frame->scope = &scope;
  }

  const int victim;
  const std::uint64_t id;   // the victim's
  detail::TaskScope scope;  // cancelled: nobody waits for it, it is to end soon
  const std::unique_ptr<detail::TaskFrame> frame;
  State state = State::waiting;
};

/// All of one rank, in the order they came. A few at a time: at most two waiting per member.
class ForeignTasks {
 public:
  using Iterator = std::list<ForeignTask>::iterator;

  void add(int victim, std::uint64_t id, std::unique_ptr<detail::TaskFrame> frame,
           const detail::TaskScope& computation) {
    tasks_.emplace_back(victim, id, std::move(frame), computation);
    ++waiting_;
  }
  bool empty() const { return tasks_.empty(); }
  bool any_waiting() const { return waiting_ > 0; }
  /// The oldest that waits, or none().
  Iterator first_waiting() {
    auto task = tasks_.begin();
    while (task != tasks_.end() && task->state != ForeignTask::State::waiting) ++task;
    return task;
  }
  Iterator find(int victim, std::uint64_t id) {
    auto task = tasks_.begin();
    while (task != tasks_.end() && (task->victim != victim || task->id != id)) ++task;
    return task;
  }
  Iterator find(const detail::TaskFrame* frame) {
    auto task = tasks_.begin();
    while (task != tasks_.end() && task->frame.get() != frame) ++task;
    return task;
  }
  Iterator none() { return tasks_.end(); }

  void set_state(Iterator task, ForeignTask::State state) {
    if (task->state == ForeignTask::State::waiting) --waiting_;
    if (state == ForeignTask::State::waiting) ++waiting_;
    task->state = state;
  }
  /// Takes it out of the list; its frame stays valid until bury(), since actions may still name it.
  void remove(Iterator task) {
    if (task->state == ForeignTask::State::waiting) --waiting_;
    removed_.splice(removed_.end(), tasks_, task);
  }
  void bury() { removed_.clear(); }

 private:
  std::list<ForeignTask> tasks_;
  std::list<ForeignTask> removed_;
  std::size_t waiting_ = 0;
};

}  // namespace zel::task
