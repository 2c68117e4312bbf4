// Why: a task that came from another rank waits here until it is run, may be lent on meanwhile, and must be
// found when its victim is gone or does not want it any more.
#pragma once

#include <cstdint>
#include <list>
#include <memory>

#include "zel/task_frame.hpp"

namespace zel::task {

/// One run of a stolen task on the stack of this rank, or the root; runs nest while they wait.
struct Level {
  Level* below = nullptr;
  int depth = 0;
  bool abandoned = false;  // nobody waits for it: it is to end soon
};

struct ForeignTask {
  enum class State : std::uint8_t { waiting, running, lent };

  int victim = 0;
  std::uint64_t id = 0;  // the victim's
  std::unique_ptr<detail::TaskFrame> frame;
  State state = State::waiting;
  Level* level = nullptr;  // while running
};

/// All of one rank, in the order they came. A few at a time: at most two waiting per member.
class ForeignTasks {
 public:
  using Iterator = std::list<ForeignTask>::iterator;

  void add(int victim, std::uint64_t id, std::unique_ptr<detail::TaskFrame> frame) {
    frame->foreign = true;
    tasks_.push_back({victim, id, std::move(frame), ForeignTask::State::waiting, nullptr});
    ++waiting_;
  }
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
