#include "daemon/io/seal.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "wire/relay.hpp"

namespace zel::io {
namespace {

struct Sealing : ::testing::Test {
  LinkKeys a_keys = new_link_keys();
  LinkKeys b_keys = new_link_keys();
  Seal a{a_keys, 100};
  Seal b{b_keys, 100};
  base::Time now{};
  base::Bytes message{std::byte{1}, std::byte{2}};

  bool opens(Seal& seal, const base::NodeId& from, const base::Bytes& sealed) {
    const auto opened = seal.open(from, sealed, now);
    if (opened) {
      EXPECT_EQ(*opened, message);
    }
    return opened.has_value();
  }
};

TEST_F(Sealing, TheOtherOpensIt) {
  EXPECT_TRUE(opens(b, a_keys.id, a.seal(b_keys.id, message, now)));
  EXPECT_TRUE(opens(a, b_keys.id, b.seal(a_keys.id, message, now))) << "both began at the same time, with the same key";
}

TEST_F(Sealing, OnceOnly) {
  const auto sealed = a.seal(b_keys.id, message, now);
  EXPECT_TRUE(opens(b, a_keys.id, sealed));
  EXPECT_FALSE(opens(b, a_keys.id, sealed));
}

TEST_F(Sealing, OvertakenOnesAreTakenOnce) {
  const auto first = a.seal(b_keys.id, message, now);
  const auto second = a.seal(b_keys.id, message, now);
  EXPECT_TRUE(opens(b, a_keys.id, second));
  EXPECT_TRUE(opens(b, a_keys.id, first));
  EXPECT_FALSE(opens(b, a_keys.id, first));
  EXPECT_FALSE(opens(b, a_keys.id, second));
}

TEST_F(Sealing, TooOldOnesAreRefused) {
  const auto old = a.seal(b_keys.id, message, now);
  base::Bytes late;
  for (int i = 0; i < 1100; ++i) late = a.seal(b_keys.id, message, now);
  EXPECT_TRUE(opens(b, a_keys.id, late));
  EXPECT_FALSE(opens(b, a_keys.id, old)) << "whether it came cannot be known any more";
}

TEST_F(Sealing, ALaterLifeIsHeardAndAnEarlierIsNot) {
  const auto old = a.seal(b_keys.id, message, now);
  Seal again(a_keys, 200);
  EXPECT_TRUE(opens(b, a_keys.id, again.seal(b_keys.id, message, now)));
  EXPECT_FALSE(opens(b, a_keys.id, old));
}

TEST_F(Sealing, NothingOfItMayBeChanged) {
  const auto sealed = a.seal(b_keys.id, message, now);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= std::byte{1};
    EXPECT_FALSE(opens(b, a_keys.id, changed)) << "byte " << i;
  }
  EXPECT_TRUE(opens(b, a_keys.id, sealed)) << "a forged one must not use up its number";
}

TEST_F(Sealing, NobodyElseCanMakeIt) {
  const LinkKeys c_keys = new_link_keys();
  Seal c(c_keys, 100);
  EXPECT_FALSE(opens(b, a_keys.id, c.seal(b_keys.id, message, now)));
}

TEST_F(Sealing, ItCannotBeTurnedRound) { EXPECT_FALSE(opens(a, b_keys.id, a.seal(b_keys.id, message, now))); }

TEST_F(Sealing, ItIsForOneOnly) {
  Seal c(new_link_keys(), 100);
  EXPECT_FALSE(opens(c, a_keys.id, a.seal(b_keys.id, message, now)));
}

TEST_F(Sealing, ItDoesNotShowWhatIsInside) {
  const base::Bytes plain(100, std::byte{'x'});
  const auto sealed = a.seal(b_keys.id, plain, now);
  EXPECT_EQ(sealed.size(), plain.size() + wire::relay::seal_bytes);
  EXPECT_EQ(std::search(sealed.begin(), sealed.end(), plain.begin(), plain.begin() + 4), sealed.end());
}

TEST_F(Sealing, TooShortIsRefused) {
  EXPECT_FALSE(b.open(a_keys.id, {}, now));
  EXPECT_FALSE(b.open(a_keys.id, base::Bytes(wire::relay::seal_bytes), now));
}

TEST_F(Sealing, MadeUpSendersTakeNoRoom) {
  Seal small(b_keys, 100, {2, std::chrono::minutes(10)});
  for (int i = 0; i < 10; ++i) small.open(new_link_keys().id, base::Bytes(100), now);
  EXPECT_TRUE(opens(small, a_keys.id, a.seal(b_keys.id, message, now)));
}

TEST_F(Sealing, WhatIsRememberedIsNotForgottenForANewOne) {
  Seal small(b_keys, 100, {1, std::chrono::minutes(10)});
  const auto sealed = a.seal(b_keys.id, message, now);
  EXPECT_TRUE(opens(small, a_keys.id, sealed));
  const LinkKeys c_keys = new_link_keys();
  Seal c(c_keys, 100);
  EXPECT_FALSE(opens(small, c_keys.id, c.seal(b_keys.id, message, now)));
  EXPECT_FALSE(opens(small, a_keys.id, sealed));
  now += std::chrono::minutes(11);
  EXPECT_TRUE(opens(small, c_keys.id, c.seal(b_keys.id, message, now)));
}

}  // namespace
}  // namespace zel::io
