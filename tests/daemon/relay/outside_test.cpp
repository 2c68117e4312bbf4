// Why: where others see a node is what they say; most of them are believed, and no nonsense is.
#include "daemon/relay/outside.hpp"

#include "names.hpp"

namespace zel::relay {
namespace {

using Hosts = std::vector<std::string>;

struct BehindNat : ::testing::Test {
  Outside outside;
  BehindNat() { outside.set_own({{"192.168.1.10", 7411}, {"fd00::1", 7411}}); }
};

TEST_F(BehindNat, OneWitnessIsBelievedUntilMoreSayOtherwise) {
  EXPECT_TRUE(outside.on_seen(id(1), "198.18.2.1"));
  EXPECT_EQ(outside.hosts(), Hosts{"198.18.2.1"});
  EXPECT_FALSE(outside.on_seen(id(1), "198.18.2.1")) << "nothing new";
  outside.on_seen(id(2), "203.0.113.9");
  outside.on_seen(id(3), "203.0.113.9");
  EXPECT_EQ(outside.hosts(), Hosts{"203.0.113.9"});
}

TEST_F(BehindNat, ALiarHasOneVoteHoweverOftenItLies) {
  outside.on_seen(id(1), "198.18.2.1");
  outside.on_seen(id(2), "198.18.2.1");
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(outside.on_seen(id(3), "203.0.113." + std::to_string(i + 1)));
  EXPECT_EQ(outside.hosts(), Hosts{"198.18.2.1"});
}

TEST_F(BehindNat, NonsenseIsIgnored) {
  for (const char* host : {"", "somewhere", "0.0.0.0", "127.0.0.1", "::1", "::", "169.254.3.4", "fe80::1", "224.0.0.1",
                           "255.255.255.255", "ff02::1", "198.18.2.1:80", "198.18.2", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(outside.on_seen(id(1), host)) << host;
  }
  EXPECT_TRUE(outside.hosts().empty());
}

TEST_F(BehindNat, WhoSeesThePrivateAddressIsNoWitness) {
  outside.on_seen(id(1), "198.18.2.1");
  for (std::uint8_t peer = 2; peer < 8; ++peer) outside.on_seen(id(peer), "192.168.1.10");
  EXPECT_EQ(outside.hosts(), Hosts{"198.18.2.1"}) << "they are behind the same NAT";
}

TEST_F(BehindNat, OneOfEachFamily) {
  outside.on_seen(id(1), "2001:db8::7");
  outside.on_seen(id(1), "::ffff:198.18.2.1");
  EXPECT_EQ(outside.hosts(), (Hosts{"198.18.2.1", "2001:db8::7"}));
  outside.on_seen(id(1), "198.18.2.2");
  EXPECT_EQ(outside.hosts(), (Hosts{"198.18.2.2", "2001:db8::7"})) << "its last word in each family counts";
}

TEST_F(BehindNat, ANewAddressWinsSoon) {
  for (std::uint8_t peer = 1; peer <= 9; ++peer) outside.on_seen(id(peer), "198.18.2.1");
  std::uint8_t moved = 0;
  while (outside.hosts() != Hosts{"198.18.2.77"} && moved < 20) outside.on_seen(id(static_cast<std::uint8_t>(100 + moved++)), "198.18.2.77");
  EXPECT_LE(moved, 5);
}

TEST(Outside, WhoIsSeenAtItsOwnAddressHasNoOther) {
  Outside outside;
  outside.set_own({{"198.18.1.10", 7411}});
  EXPECT_FALSE(outside.on_seen(id(1), "198.18.1.10"));
  outside.on_seen(id(2), "198.18.1.10");
  EXPECT_FALSE(outside.on_seen(id(3), "203.0.113.9")) << "two saw no NAT";
  EXPECT_TRUE(outside.hosts().empty());
}

}  // namespace
}  // namespace zel::relay
