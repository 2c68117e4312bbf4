// Why: see team.hpp.
#include "libzel/task/team.hpp"

#include "libzel/task/thread_worker.hpp"

namespace zel::task {

detail::TaskFrame* Team::steal(const ThreadWorker& thief, std::size_t start) {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    ThreadWorker* const victim = workers_[(start + i) % workers_.size()];
    if (victim == &thief) continue;
    if (detail::TaskFrame* const frame = victim->give()) return frame;
  }
  return nullptr;
}

bool Team::anything_to_steal(const ThreadWorker& thief) const {
  for (const ThreadWorker* const victim : workers_) {
    if (victim != &thief && victim->offers()) return true;
  }
  return false;
}

void Team::ask_others(const ThreadWorker& asking) {
  for (ThreadWorker* const worker : workers_) {
    if (worker != &asking) worker->ask();
  }
}

// Who sleeps in the middle of a wait has to look, too: what it lent may not be wanted any more.
void Team::tell_all() {
  for (ThreadWorker* const worker : workers_) {
    worker->ask();
    worker->ring();
  }
}

void Team::ask_first() {
  workers_.front()->ask();
  workers_.front()->ring();
}

void Team::wake_one_if_asleep() {
  if (!ward_.anybody_asleep()) return;
  for (ThreadWorker* const worker : workers_) {
    if (worker->ring()) return;
  }
}

void Team::stop() {
  stopped_.store(true, std::memory_order_seq_cst);
  for (ThreadWorker* const worker : workers_) worker->ring();
}

}  // namespace zel::task
