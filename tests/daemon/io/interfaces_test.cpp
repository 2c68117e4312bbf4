// Why: what a node tells others of its addresses decides whether they can reach it.
#include "daemon/io/interfaces.hpp"

#include <gtest/gtest.h>

namespace zel::io {
namespace {

using Addresses = std::vector<wire::overlay::Address>;

const Addresses interfaces = {{"127.0.0.1", 0}, {"10.0.0.7", 0}, {"fd00::7", 0}, {"::1", 0}};

TEST(AdvertisedAddresses, AWildcardMeansEveryInterfaceOfItsFamilyLoopbackLast) {
  EXPECT_EQ(advertised_addresses({{"0.0.0.0", 7}}, interfaces), (Addresses{{"10.0.0.7", 7}, {"127.0.0.1", 7}}));
  EXPECT_EQ(advertised_addresses({{"::", 7}}, interfaces), (Addresses{{"fd00::7", 7}, {"::1", 7}}));
}

TEST(AdvertisedAddresses, WhatWasToldIsKeptOnce) {
  EXPECT_EQ(advertised_addresses({{"127.0.0.1", 7}, {"10.0.0.9", 8}, {"10.0.0.9", 8}}, interfaces),
            (Addresses{{"10.0.0.9", 8}, {"127.0.0.1", 7}}));
}

TEST(AdvertisedAddresses, AreBounded) {
  Addresses many = {{"127.0.0.1", 0}};
  for (int i = 0; i < 50; ++i) many.push_back({"10.0.0." + std::to_string(i), 0});
  const auto told = advertised_addresses({{"0.0.0.0", 7}}, many);
  EXPECT_EQ(told.size(), wire::overlay::max_addresses);
  EXPECT_EQ(told.back().host, "127.0.0.1");
}

}  // namespace
}  // namespace zel::io
