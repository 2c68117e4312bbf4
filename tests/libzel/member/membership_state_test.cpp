#include "libzel/member/membership_state.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace zel::detail {
namespace {

using namespace std::chrono_literals;
using wire::member::EventKind;

MembershipState make() {
  return {0, 2, [](const wire::member::ToNode&) {}};
}

Errc code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return Errc::malformed;  // nothing was thrown
}

TEST(MembershipState, EntriesAreReadOnceInOrder) {
  auto state = make();
  state.add({{1, EventKind::joined, 0, "", {}}, {2, EventKind::joined, 1, "", {}}});
  EXPECT_EQ(state.wait(0ms)->sequence, 1u);
  EXPECT_EQ(state.poll().size(), 1u);
  EXPECT_TRUE(state.poll().empty());
  EXPECT_EQ(state.wait(0ms), std::nullopt);
  EXPECT_EQ(state.present(), (std::vector<int>{0, 1}));
}

TEST(MembershipState, AWaitIsWokenByWhatItWaitsFor) {
  auto state = make();
  std::thread listener([&state] { state.add({{1, EventKind::closed, 0, "", {}}}); });
  EXPECT_NO_THROW(state.wait_closed(20s));
  listener.join();
}

TEST(MembershipState, AWaitHasALimitAndSaysWhoIsThere) {
  auto state = make();
  state.add({{1, EventKind::joined, 0, "", {}}});
  try {
    state.wait_closed(1ms);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::limit_reached);
    EXPECT_NE(std::string(error.what()).find("1 of 2 ranks are present"), std::string::npos) << error.what();
  }
}

TEST(MembershipState, ALostNodeEndsEveryWait) {
  auto state = make();
  std::thread listener([&state] { state.node_gone("the node is gone"); });
  EXPECT_EQ(code_of([&] { state.wait_closed(20s); }), Errc::node_lost);
  EXPECT_EQ(code_of([&] { state.wait(20s); }), Errc::node_lost);
  listener.join();
}

TEST(MembershipState, ARefusalReachesTheCallThatWaits) {
  std::thread listener;
  MembershipState* asked = nullptr;
  MembershipState state(0, 2, [&](const wire::member::ToNode&) {
    listener = std::thread([&] { asked->refused("too many elections in one job"); });
  });
  asked = &state;
  EXPECT_EQ(code_of([&] { state.elect("x", 20s); }), Errc::usage);
  listener.join();
}

TEST(MembershipState, NonsenseIsRefusedBeforeItIsSent) {
  MembershipState state(0, 2, [](const wire::member::ToNode&) { FAIL() << "was sent"; });
  EXPECT_EQ(code_of([&] { state.elect("", 1ms); }), Errc::usage);
  EXPECT_EQ(code_of([&] { state.signal({2}, "x"); }), Errc::usage);
  EXPECT_EQ(code_of([&] { state.signal({-1}, "x"); }), Errc::usage);
  EXPECT_EQ(code_of([&] { state.signal({1}, std::string(4097, 'x')); }), Errc::usage);
}

}  // namespace
}  // namespace zel::detail
