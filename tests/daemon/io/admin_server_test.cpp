// Why: an administrator's socket must answer one question, and cost nothing to those who never ask one.
#include "daemon/io/admin_server.hpp"

#include <gtest/gtest.h>

#include "wire/channel.hpp"

namespace zel::io {
namespace {

using namespace wire::admin;

struct Asked {
  EventLoop loop;
  AdminServer server;
  wire::Channel client;

  explicit Asked(base::Duration patience = std::chrono::seconds(10))
      : server(loop, [](const Request& request) -> Reply {
          if (std::holds_alternative<JobsRequest>(request)) return Jobs{{{"j", "p", "primary", "running", 1, 1, 1, 0}}};
          return Done{};
        }, patience) {
    auto ends = wire::socket_pair();
    server.accept(std::move(ends->first));
    client = wire::Channel(std::move(ends->second));
  }
  /// Until the server has let go of its client.
  void run() {
    Timer look(loop, [&] {
      if (server.clients() == 0) return loop.stop();
      look_again->set(loop.now() + std::chrono::milliseconds(1));
    });
    look_again = &look;
    look.set(loop.now());
    loop.run();
  }
  Timer* look_again = nullptr;
};

TEST(AdminServer, OneRequestOneAnswer) {
  Asked asked(std::chrono::milliseconds(200));
  asked.client.push(encode(Request(JobsRequest{})));
  ASSERT_TRUE(asked.client.flush());
  asked.run();
  const auto bytes = asked.client.receive_within(std::chrono::seconds(5));
  ASSERT_TRUE(bytes);
  const auto reply = decode_reply(*bytes);
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<Jobs>(*reply).jobs.front().job, "j");
}

TEST(AdminServer, WhoNeverAsksIsClosedAfterAWhile) {
  Asked asked(std::chrono::milliseconds(20));
  asked.run();
  EXPECT_EQ(asked.client.receive_within(std::chrono::seconds(5)).error().code, base::Errc::peer_gone);
}

TEST(AdminServer, NonsenseClosesTheConnectionAtOnce) {
  Asked asked;
  asked.client.push(base::as_bytes("no message"));
  ASSERT_TRUE(asked.client.flush());
  asked.run();
  EXPECT_EQ(asked.client.receive_within(std::chrono::seconds(5)).error().code, base::Errc::peer_gone);
}

TEST(AdminServer, AnotherVersionIsRefusedInWords) {
  Asked asked(std::chrono::milliseconds(200));
  asked.client.push(encode(Request(StatusRequest{version + 1})));
  ASSERT_TRUE(asked.client.flush());
  asked.run();
  const auto bytes = asked.client.receive_within(std::chrono::seconds(5));
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(std::holds_alternative<Refused>(*decode_reply(*bytes)));
}

TEST(AdminServer, ClientsAreBounded) {
  Asked asked;
  std::vector<base::UniqueFd> others;
  for (std::size_t i = 0; i < 2 * AdminServer::max_clients; ++i) {
    auto ends = wire::socket_pair();
    asked.server.accept(std::move(ends->first));
    others.push_back(std::move(ends->second));
  }
  EXPECT_EQ(asked.server.clients(), AdminServer::max_clients);
}

TEST(AdminServer, ThoseThatNeverAskKeepNobodyOut) {
  Asked asked(std::chrono::milliseconds(500));
  std::vector<base::UniqueFd> silent;
  for (std::size_t i = 0; i < 2 * AdminServer::max_clients; ++i) {
    auto ends = wire::socket_pair();
    asked.server.accept(std::move(ends->first));
    silent.push_back(std::move(ends->second));
  }
  auto ends = wire::socket_pair();
  asked.server.accept(std::move(ends->first));
  wire::Channel late(std::move(ends->second));
  late.push(encode(Request(JobsRequest{})));
  ASSERT_TRUE(late.flush());
  asked.run();
  EXPECT_TRUE(late.receive_within(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace zel::io
