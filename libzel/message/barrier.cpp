// Why: see barrier.hpp.
#include "libzel/message/barrier.hpp"

#include "zel/error.hpp"

namespace zel::message {
namespace {

constexpr Pattern any_word{Context::barrier, any_rank, any_tag};

}  // namespace

Barrier::Barrier(int rank, int size, Progress& progress, Sending& sending)
    : progress_(progress), sending_(sending), come_to_(static_cast<std::size_t>(size), 0) {
  net::Reach* reach = progress.reach();
  if (!reach) return;
  int here = 0;
  for (int other = 0; other < size; ++other) {
    if (reach->is_here(other)) ++here;
    else elsewhere_.push_back(other);
  }
  if (reach->shared()) here_.emplace(reach->shared()->segment(), rank, here);
}

void Barrier::pass() {
  if (!here_ && elsewhere_.empty()) return;
  if (!inside_) come();
  say_so();
  progress_.wait(net::Deadline::none(), [&](Depth depth) { return look(depth); });
  inside_ = false;
}

void Barrier::come() {
  progress_.look_if_pending();
  hear();
  throw_if_broken(round_ + 1);
  inside_ = true;
  ++round_;
  told_ = 0;
  behind_ = 0;
  for (const int rank : elsewhere_) {
    if (!has_come(rank, round_)) ++behind_;
  }
  if (here_ && here_->arrive()) progress_.reach()->shared()->wake_others();
}

void Barrier::say_so() {
  for (; told_ < elsewhere_.size(); ++told_) {
    const int to = elsewhere_[told_];
    try {
      sending_.send(to, Context::barrier, 0, {});
    } catch (const Error&) {
      // Whether it had come before it went is looked at later.
      if (!progress_.gone(to)) throw;
    }
  }
}

bool Barrier::look(Depth depth) {
  if (complete()) return true;
  // Words from elsewhere come as messages.
  if (depth == Depth::quick && elsewhere_.empty()) return false;
  progress_.look_around();
  hear();
  if (complete()) return true;
  if (depth == Depth::quick) return false;
  progress_.check_wait();
  throw_if_broken(round_);
  return false;
}

void Barrier::hear() {
  if (elsewhere_.empty()) return;
  Intake& intake = progress_.intake();
  while (const auto word = intake.find(any_word)) {
    std::vector<std::byte> nothing;
    Receive receive{.pattern = any_word, .vector = &nothing};
    intake.begin(receive);
    intake.end(receive);
    if (++come_to_[static_cast<std::size_t>(word->from)] == round_ && inside_) --behind_;
  }
}

bool Barrier::has_come(int rank, std::uint64_t round) const {
  if (progress_.reach()->is_here(rank)) return here_->has_come(rank, round > round_);
  return come_to_[static_cast<std::size_t>(rank)] >= round;
}

void Barrier::throw_if_broken(std::uint64_t round) const {
  for (const int gone : progress_.gone_ranks()) {
    if (!progress_.settled(gone) || has_come(gone, round)) continue;
    // It may have been the last to come, just now.
    if (round == round_ && complete()) return;
    progress_.throw_fate(gone);
  }
}

}  // namespace zel::message
