// Why: what a rank sends to other hosts waits for room, and a rank that was not told of room sleeps for ever.
#include "libzel/net/far.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace zel::net {
namespace {

FarSetup without_links() {
  FarSetup setup;
  setup.rank = 0;
  setup.size = 2;
  setup.host = "here";
  setup.carry = [](const wire::member::ToNode&) { return true; };
  return setup;
}

TEST(Far, WhoFoundNoRoomIsWokenByRoomAlsoWhenItDidNotAskAgain) {
  Far far(without_links());
  Writer& writer = *far.peer(1);
  const std::vector<std::byte> payload(1000);
  const auto write = [&] { return writer.write(RecordKind::whole, 0, 0, payload.size(), payload); };
  const auto fill = [&] {
    while (write() == Writer::Outcome::written) {
    }
  };
  fill();
  writer.ask_for_room();
  // Room comes while this rank looks around, and is used up before it sleeps.
  EXPECT_TRUE(far.credit(1, 5000));
  fill();
  EXPECT_TRUE(far.credit(1, 5000)) << "it waits for this";
}

TEST(Far, WhoWaitsForNothingIsNotWoken) {
  Far far(without_links());
  Writer& writer = *far.peer(1);
  const std::vector<std::byte> payload(1000);
  ASSERT_EQ(writer.write(RecordKind::whole, 0, 0, payload.size(), payload), Writer::Outcome::written);
  EXPECT_FALSE(far.credit(1, 1000));
}

}  // namespace
}  // namespace zel::net
