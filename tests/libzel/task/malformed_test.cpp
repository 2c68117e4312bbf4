// Why: damaged or foreign bytes are dropped and counted, and change no result.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <typeinfo>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

using example::Fails;
using example::Fib;

// Rank `rank` of two; the test plays the other by a list of what arrives, and sees what is sent.
class Played final : public TaskTransport {
 public:
  explicit Played(int rank) : rank_(rank) {}
  int rank() const override { return rank_; }
  int size() const override { return 2; }
  bool send(int, base::ByteView bytes) override {
    sent.push_back(decode(bytes).value());
    if (on_sent) on_sent(sent.back());
    return true;
  }
  std::optional<Received> poll() override {
    if (arriving.empty()) return std::nullopt;
    Received received{1 - rank_, std::move(arriving.front())};
    arriving.pop_front();
    return received;
  }
  void wait(base::Time) override {
    if (arriving.empty()) throw Error(Errc::node_lost, "the script is over");
  }
  std::uint64_t members_version() const override { return 0; }
  std::vector<Presence> presence() const override { return {Presence::present, Presence::present}; }
  Pending pending() const override {
    return {[](const void* of) { return !static_cast<const Played*>(of)->arriving.empty(); }, this};
  }

  std::deque<base::Bytes> arriving;
  std::vector<Message> sent;
  std::function<void(const Message&)> on_sent;

 private:
  const int rank_;
};

std::uint64_t key_of_fib() { return detail::task_type_key(typeid(Fib).name()); }

TEST(Malformed, BytesThatAreNoMessageAreCountedAndIgnored) {
  Played network(0);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  base::Bytes future = encode(1, Steal{});
  future[0] = std::byte{9};
  network.arriving = {{},     base::Bytes(3),     base::Bytes(100, std::byte{0xff}),
                      future, encode(0, Steal{}), encode(1, Result{77, true, {}})};
  EXPECT_EQ(compute_on(runtime, Fib{15}), 610);
  EXPECT_EQ(runtime.dropped().malformed, 4u);
  EXPECT_EQ(runtime.dropped().stale, 1u);
  EXPECT_EQ(runtime.counters().late, 1u);
}

TEST(Malformed, AResultThatCannotBeUnpackedIsComputedHere) {
  Played network(0);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  network.arriving = {encode(1, Steal{})};
  network.on_sent = [&](const Message& message) {
    if (const auto* loan = std::get_if<Loan>(&message)) {
      network.arriving.push_back(encode(1, Result{loan->id, true, base::Bytes(3)}));
    }
  };
  EXPECT_EQ(compute_on(runtime, Fib{15}), 610);
  EXPECT_EQ(runtime.dropped().malformed, 1u);
}

TEST(Malformed, ATaskThatCannotBeRunIsAnsweredWithWhy) {
  Played network(1);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  network.arriving = {encode(1, Refuse{})};
  int lent = 0;
  network.on_sent = [&](const Message& message) {
    if (const auto* result = std::get_if<Result>(&message); result != nullptr && result->id == 3) {
      network.arriving.push_back(encode(1, Finished{true, pack(7L)}));
    }
    if (!std::holds_alternative<Steal>(message) || lent == 3) return;
    const bool lifeline = std::get<Steal>(message).lifeline;
    ++lent;
    if (lent == 1) network.arriving.push_back(encode(1, Loan{1, 12345, lifeline, {}}));
    if (lent == 2) network.arriving.push_back(encode(1, Loan{2, key_of_fib(), lifeline, base::Bytes(1)}));
    if (lent == 3) network.arriving.push_back(encode(1, Loan{3, key_of_fib(), lifeline, pack(Fib{10})}));
  };
  EXPECT_EQ(compute_on(runtime, Fib{1}), 7);
  std::vector<bool> results;
  for (const Message& message : network.sent) {
    if (const auto* result = std::get_if<Result>(&message)) results.push_back(result->ok);
  }
  EXPECT_EQ(results, (std::vector<bool>{false, false, true}));
}

TEST(Malformed, ARootResultOfAnotherTypeIsMalformed) {
  Played network(1);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  network.arriving = {encode(1, Finished{true, base::Bytes(3)})};
  try {
    compute_on(runtime, Fib{1});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::malformed);
  }
}

TEST(Malformed, AnErrorOfTheTransportEndsTheComputationAtEveryDepth) {
  Played network(0);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  network.arriving = {encode(1, Steal{})};
  try {
    compute_on(runtime, Fib{15});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::node_lost);
  }
  EXPECT_EQ(detail::current_worker, nullptr);
}

TEST(Malformed, AFailureOfRankZeroReachesTheOthersWithItsText) {
  Played network(1);
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  network.arriving = {encode(1, Finished{false, base::Bytes{std::byte{'n'}, std::byte{'o'}}})};
  try {
    compute_on(runtime, Fails{1});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::task_failed);
    EXPECT_STREQ(error.what(), "no");
    EXPECT_EQ(error.rank(), 0);
  }
}

}  // namespace
}  // namespace zel::task
