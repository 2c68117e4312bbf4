// Why: the steal protocol as transcripts: an event, then everything the engine wants done about it.
#include "libzel/task/steal_engine.hpp"

#include <gtest/gtest.h>

#include <string>

namespace zel::task {
namespace {

using std::chrono::milliseconds;

// Frames are numbers to the engine; these are never looked into.
Frame* frame(std::uintptr_t number) { return reinterpret_cast<Frame*>(number * 64); }
std::uintptr_t number(const Frame* frame) { return reinterpret_cast<std::uintptr_t>(frame) / 64; }

class Source final : public WorkSource {
 public:
  std::deque<std::uintptr_t> tasks;
  bool has_work() const override { return !tasks.empty(); }
  std::optional<Loot> take_oldest() override {
    if (tasks.empty()) return std::nullopt;
    const auto task = tasks.front();
    tasks.pop_front();
    return Loot{frame(task), 77, base::Bytes{static_cast<std::byte>(task)}};
  }
};

std::string text(const Message& message) {
  struct {
    std::string operator()(const Steal& m) { return m.lifeline ? "wait" : "steal"; }
    std::string operator()(const Refuse&) { return "refuse"; }
    std::string operator()(const Loan& m) {
      return "loan " + std::to_string(m.id) + " task " + std::to_string(std::to_integer<int>(m.task[0])) +
             (m.lifeline ? " by lifeline" : "");
    }
    std::string operator()(const Result& m) {
      return "result " + std::to_string(m.id) + (m.ok ? " ok" : " failed");
    }
    std::string operator()(const GiveBack& m) { return "give back " + std::to_string(m.id); }
    std::string operator()(const Cancel& m) { return "cancel " + std::to_string(m.id); }
    std::string operator()(const Finished& m) { return m.ok ? "finished" : "finished with failure"; }
    std::string operator()(const Report&) { return "report"; }
  } words;
  return std::visit(words, message);
}

std::string text(const Action& action) {
  struct {
    std::string operator()(const Send& a) { return "to " + std::to_string(a.to) + ": " + text(a.message); }
    std::string operator()(const Accept& a) {
      return "accept " + std::to_string(a.id) + " of " + std::to_string(a.victim);
    }
    std::string operator()(const Deliver& a) { return "deliver task " + std::to_string(number(a.frame)); }
    std::string operator()(const Redo& a) {
      return "redo task " + std::to_string(number(a.frame)) + (a.thief_gone ? ", thief gone" : "");
    }
    std::string operator()(const Abandon& a) {
      return "abandon " + std::to_string(a.id) + " of " + std::to_string(a.victim);
    }
    std::string operator()(const Finish&) { return "finish"; }
    std::string operator()(const RootLost&) { return "root lost"; }
    std::string operator()(const Reported& a) { return "reported by " + std::to_string(a.rank); }
  } words;
  return std::visit(words, action);
}

class StealEngineTest : public testing::Test {
 protected:
  StealEngine& start(int rank, int size) {
    engine_.emplace(EngineSetup{.rank = rank, .size = size, .seed = 3}, source_);
    for (int i = 0; i < size; ++i) engine_->on_joined(i);
    return *engine_;
  }
  std::string actions() {
    std::string all;
    for (const Action& action : engine_->take_actions()) all += (all.empty() ? "" : "; ") + text(action);
    return all;
  }
  std::string message(int from, Message message) {
    engine_->on_message(from, std::move(message), now_);
    return actions();
  }
  std::string idle() {
    engine_->on_idle(now_);
    return actions();
  }
  std::string gone(int rank) {
    engine_->on_gone(rank, now_);
    return actions();
  }
  std::string work() {
    engine_->on_work();
    return actions();
  }

  Source source_;
  std::optional<StealEngine> engine_;
  base::Time now_{};
};

// The victim's side

TEST_F(StealEngineTest, AVictimGivesItsOldestTaskUnderANumberOfItsOwn) {
  start(0, 3);
  source_.tasks = {5, 6};
  EXPECT_EQ(message(1, Steal{}), "to 1: loan 1 task 5");
  EXPECT_EQ(message(2, Steal{}), "to 2: loan 2 task 6");
  EXPECT_EQ(message(1, Steal{}), "to 1: refuse");
}

TEST_F(StealEngineTest, AResultIsDeliveredOnce) {
  start(0, 3);
  source_.tasks = {5};
  message(1, Steal{});
  EXPECT_EQ(message(2, Result{1, true, {}}), "") << "not the thief";
  EXPECT_EQ(message(1, Result{2, true, {}}), "") << "no such loan";
  EXPECT_EQ(message(1, Result{1, true, {}}), "deliver task 5");
  EXPECT_EQ(message(1, Result{1, true, {}}), "") << "a second time";
  EXPECT_EQ(engine_->counters().late, 3u);
}

TEST_F(StealEngineTest, TheTasksOfAThiefThatIsGoneAreDoneAgainAndItsLateResultsDropped) {
  start(0, 3);
  source_.tasks = {5, 6, 7};
  message(1, Steal{});
  message(2, Steal{});
  message(1, Steal{});
  EXPECT_EQ(gone(1), "redo task 5, thief gone; redo task 7, thief gone");
  EXPECT_EQ(gone(1), "");
  EXPECT_EQ(message(1, Result{1, true, {}}), "");
  EXPECT_EQ(message(2, Result{2, true, {}}), "deliver task 6");
  EXPECT_EQ(engine_->counters().redone, 2u);
}

TEST_F(StealEngineTest, ATaskLentAgainHasANewNumber) {
  start(0, 3);
  source_.tasks = {5};
  message(1, Steal{});
  gone(1);
  source_.tasks = {5};
  EXPECT_EQ(message(2, Steal{}), "to 2: loan 2 task 5");
  EXPECT_EQ(message(2, Result{1, true, {}}), "");
  EXPECT_EQ(message(2, Result{2, true, {}}), "deliver task 5");
}

TEST_F(StealEngineTest, NothingIsGivenToOrSentToARankThatIsGone) {
  start(0, 3);
  message(1, Steal{true});
  gone(1);
  source_.tasks = {5};
  EXPECT_EQ(work(), "") << "it waited here";
  EXPECT_EQ(message(1, Steal{}), "") << "sent before it died";
  engine_->on_root_done(true, {});
  EXPECT_EQ(actions(), "to 2: finished");
}

TEST_F(StealEngineTest, ThievesThatWaitGetTheFirstTasksThereAre) {
  start(0, 4);
  EXPECT_EQ(message(2, Steal{true}), "");
  EXPECT_EQ(message(2, Steal{true}), "");
  EXPECT_EQ(message(1, Steal{true}), "");
  EXPECT_TRUE(engine_->thieves_wait());
  EXPECT_EQ(work(), "");
  source_.tasks = {5, 6, 7};
  EXPECT_EQ(work(), "to 2: loan 1 task 5 by lifeline; to 1: loan 2 task 6 by lifeline");
  EXPECT_FALSE(engine_->thieves_wait());
  EXPECT_EQ(message(3, Steal{true}), "to 3: loan 3 task 7 by lifeline");
}

TEST_F(StealEngineTest, ATaskGivenBackIsRunHere) {
  start(0, 2);
  source_.tasks = {5};
  message(1, Steal{});
  EXPECT_EQ(message(1, GiveBack{1}), "redo task 5");
  EXPECT_EQ(message(1, Result{1, true, {}}), "");
  EXPECT_EQ(engine_->counters().redone, 0u);
}

TEST_F(StealEngineTest, ACancelledLoanIsForgotten) {
  start(0, 2);
  source_.tasks = {5};
  message(1, Steal{});
  engine_->cancel(frame(5));
  EXPECT_EQ(actions(), "to 1: cancel 1");
  EXPECT_EQ(message(1, Result{1, true, {}}), "");
  EXPECT_EQ(gone(1), "");
}

// The thief's side

TEST_F(StealEngineTest, AThiefAsksThenWaitsAtItsLifelinesAndIsQuiet) {
  start(1, 2);
  message(0, Refuse{});  // makes rank 0 known as one that answers
  EXPECT_EQ(idle(), "to 0: steal");
  EXPECT_EQ(idle(), "") << "it looks already";
  EXPECT_EQ(message(0, Refuse{}), "to 0: steal");
  EXPECT_EQ(message(0, Refuse{}), "to 0: wait");
  EXPECT_EQ(idle(), "");
  EXPECT_EQ(engine_->next_deadline(), base::never);
  EXPECT_EQ(message(0, Loan{4, 77, true, {}}), "accept 4 of 0");
  engine_->on_busy();
  engine_->on_done(0, 4, true, {});
  EXPECT_EQ(actions(), "to 0: result 4 ok");
  EXPECT_EQ(idle(), "to 0: steal") << "it looks anew";
}

TEST_F(StealEngineTest, ARankNotHeardOfIsAskedButNotWaitedFor) {
  start(1, 2);
  EXPECT_EQ(idle(), "to 0: steal; to 0: wait");
  EXPECT_EQ(engine_->next_deadline(), base::never);
}

TEST_F(StealEngineTest, ASilentVictimIsWaitedForForALimitedTime) {
  start(1, 2);
  message(0, Refuse{});
  EXPECT_EQ(idle(), "to 0: steal");
  EXPECT_EQ(engine_->next_deadline(), now_ + milliseconds(1));
  engine_->on_timer(now_);
  EXPECT_EQ(actions(), "") << "too early";
  now_ += milliseconds(1);
  engine_->on_timer(now_);
  EXPECT_EQ(actions(), "to 0: wait") << "it is not asked twice at a time";
  EXPECT_EQ(message(0, Loan{1, 77, false, {}}), "accept 1 of 0") << "late, and welcome";
}

TEST_F(StealEngineTest, VictimsAreThosePresentRankZeroFirst) {
  engine_.emplace(EngineSetup{.rank = 2, .size = 6, .seed = 1, .random_attempts = 10}, source_);
  for (const int rank : {0, 4, 5}) engine_->on_joined(rank);
  engine_->on_gone(5, now_);
  EXPECT_EQ(idle(), "to 0: steal; to 4: steal; to 4: wait; to 0: wait");
}

TEST_F(StealEngineTest, AThiefWhoseVictimIsGoneLooksFurther) {
  start(2, 3);
  message(1, Refuse{});  // makes rank 1 known as one that answers
  EXPECT_EQ(idle(), "to 0: steal; to 1: steal");
  EXPECT_EQ(gone(1), "to 0: wait");
}

TEST_F(StealEngineTest, WithoutRankZeroTheRootIsLost) {
  start(2, 3);
  EXPECT_EQ(gone(0), "root lost");
  EXPECT_EQ(idle(), "");
}

TEST_F(StealEngineTest, AQuietThiefFindsNewLifelinesWhenMembersComeAndGo) {
  engine_.emplace(EngineSetup{.rank = 1, .size = 8, .seed = 1, .random_attempts = 0}, source_);
  engine_->on_joined(0);
  EXPECT_EQ(idle(), "to 0: wait");
  engine_->on_joined(4);
  EXPECT_EQ(actions(), "to 4: wait");
  engine_->on_joined(6);
  EXPECT_EQ(actions(), "to 6: wait");
  EXPECT_EQ(gone(4), "") << "it waits at all others already";
}

TEST_F(StealEngineTest, WhatWasNotAskedForIsNotTaken) {
  start(1, 3);
  EXPECT_EQ(message(0, Loan{1, 77, false, {}}), "");
  EXPECT_EQ(message(0, Loan{1, 77, true, {}}), "");
  EXPECT_EQ(message(2, Finished{}), "") << "only rank 0 says so";
  EXPECT_EQ(message(2, Report{}), "") << "reports go to rank 0";
  EXPECT_EQ(message(-1, Steal{}), "");
  EXPECT_EQ(message(3, Steal{}), "");
  EXPECT_EQ(message(1, Steal{}), "") << "from itself";
  EXPECT_EQ(engine_->counters().unexpected, 7u);
}

TEST_F(StealEngineTest, ATaskWhoseVictimIsGoneOrCancelsIsAbandonedAndNotAnswered) {
  start(2, 3);
  idle();
  message(0, Loan{8, 77, false, {}});
  EXPECT_EQ(message(0, Cancel{8}), "abandon 8 of 0");
  EXPECT_EQ(message(0, Cancel{8}), "");
  engine_->on_done(0, 8, true, {});
  EXPECT_EQ(actions(), "");
  idle();
  message(1, Loan{9, 77, true, {}});
  EXPECT_EQ(gone(1), "abandon 9 of 1");
  engine_->on_done(1, 9, true, {});
  EXPECT_EQ(actions(), "");
}

// The end

TEST_F(StealEngineTest, AtTheEndEverybodyIsToldAndNothingIsStolen) {
  start(0, 3);
  source_.tasks = {5};
  engine_->on_root_done(true, {});
  EXPECT_EQ(actions(), "to 1: finished; to 2: finished");
  EXPECT_EQ(message(1, Steal{}), "");
  EXPECT_EQ(message(1, Report{}), "reported by 1");
}

TEST_F(StealEngineTest, AThiefHearsOfTheEndOnce) {
  start(1, 2);
  idle();
  EXPECT_EQ(message(0, Finished{}), "finish");
  EXPECT_EQ(message(0, Finished{}), "");
  EXPECT_EQ(idle(), "");
  EXPECT_EQ(gone(0), "") << "the root is done, rank 0 may go";
}

}  // namespace
}  // namespace zel::task
