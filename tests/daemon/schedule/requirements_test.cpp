#include "daemon/schedule/requirements.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using wire::schedule::Requirements;

struct RequirementsTest : testing::Test {
  RequirementsTest() {
    host.id = id_of(7);
    host.name = "rose";
    host.addresses = {{"10.1.2.3", 7000}, {"fe80::1", 7001}};
  }
  std::string ask(const Requirements& asked) { return unmet(asked, resources, host); }
  Resources resources{4,       std::uint64_t{12} << 30, std::uint64_t{5} << 30, "x86_64",
                      "Linux", {"gpu=true", "site=vu"}};
  PeerRecord host;
  Requirements wanted;
};

TEST_F(RequirementsTest, whoAsksNothingGetsAnyHost) { EXPECT_EQ(ask({}), ""); }

TEST_F(RequirementsTest, allThatIsThere) {
  wanted.memory_bytes_per_core = std::uint64_t{3} << 30;
  wanted.disk_bytes = std::uint64_t{5} << 30;
  wanted.architecture = "x86_64";
  wanted.system = "Linux";
  wanted.labels = {"site=vu", "gpu=true"};
  wanted.hosts = {"tulip", "rose"};
  wanted.excluded = {"tulip"};
  EXPECT_EQ(ask(wanted), "");
}

TEST_F(RequirementsTest, theFirstThingMissingIsNamed) {
  wanted.disk_bytes = (std::uint64_t{5} << 30) + 1;
  EXPECT_EQ(ask(wanted), "5 GiB of free disk asked, 5 GiB there");
  wanted.memory_bytes_per_core = std::uint64_t{12} << 30;
  EXPECT_EQ(ask(wanted), "12 GiB of memory per core asked, 3 GiB there");
  wanted.labels = {"gpu=true", "ib=true"};
  EXPECT_EQ(ask(wanted), "label ib=true is missing");
  wanted.system = "FreeBSD";
  EXPECT_EQ(ask(wanted), "system FreeBSD asked, Linux there");
  wanted.architecture = "aarch64";
  EXPECT_EQ(ask(wanted), "architecture aarch64 asked, x86_64 there");
  wanted.hosts = {"tulip"};
  EXPECT_EQ(ask(wanted), "not among the hosts asked for");
  wanted.hosts = {"rose"};
  wanted.excluded = {"rose"};
  EXPECT_EQ(ask(wanted), "excluded");
}

TEST_F(RequirementsTest, aHostWithoutCoresHasNoMemoryForThem) {
  resources.cores = 0;
  wanted.memory_bytes_per_core = 1;
  EXPECT_EQ(ask(wanted), "1 bytes of memory per core asked, 0 bytes there");
}

TEST_F(RequirementsTest, aNodeIsMeantByNameIdOrAddress) {
  for (const std::string entry : {"rose", "10.1.2.3", "10.1.2.3:7000", "fe80::1", "[fe80::1]:7001"}) {
    EXPECT_TRUE(means(entry, host)) << entry;
  }
  EXPECT_TRUE(means(host.id.text(), host));
  EXPECT_TRUE(means(host.id.text().substr(0, 8), host));
  EXPECT_FALSE(means(host.id.text().substr(0, 7), host)) << "too short to be one node's";
  EXPECT_FALSE(means(host.id.text() + "0", host));
  for (const std::string entry : {"", "ros", "rose1", "10.1.2.3:7001", "10.1.2", "fe80::1:7001x"}) {
    EXPECT_FALSE(means(entry, host)) << entry;
  }
}

}  // namespace
}  // namespace zel::schedule
