// What this machine is without a node, and what it is not.
#include "zrun/this_host.hpp"

#include <gtest/gtest.h>

namespace zel::zrun {
namespace {

const ThisHost here{"mill.example.org", "x86_64", "Linux"};

std::string unmet(const wire::schedule::Requirements& wanted) { return unmet_by(here, wanted).value_or("met"); }

TEST(ThisHost, IsWhatItIsCalled) {
  EXPECT_EQ(unmet({}), "met");
  for (const char* name : {"mill.example.org", "mill", "localhost", "127.0.0.1", "::1"}) {
    wire::schedule::Requirements wanted;
    wanted.hosts = {"other", name};
    EXPECT_EQ(unmet(wanted), "met") << name;
    wanted.hosts = {};
    wanted.excluded = {name};
    EXPECT_EQ(unmet(wanted), "--exclude: mill.example.org") << name;
  }
}

TEST(ThisHost, IsNoOther) {
  wire::schedule::Requirements wanted;
  wanted.hosts = {"mill2", "milling"};
  EXPECT_EQ(unmet(wanted), "--host or --hostfile: mill2, …");
  wanted.hosts = {};
  wanted.excluded = {"mill2"};
  EXPECT_EQ(unmet(wanted), "met");
}

TEST(ThisHost, HasItsArchitectureAndSystemOnly) {
  wire::schedule::Requirements wanted;
  wanted.architecture = "x86_64";
  wanted.system = "Linux";
  EXPECT_EQ(unmet(wanted), "met");
  wanted.architecture = "riscv64";
  EXPECT_EQ(unmet(wanted), "--require arch=riscv64");
  wanted.architecture.clear();
  wanted.labels = {"gpu=true"};
  EXPECT_EQ(unmet(wanted), "--require gpu=true") << "a node says it of itself; there is none";
  wanted.labels.clear();
  wanted.disk_bytes = 1;
  EXPECT_EQ(unmet(wanted), "--require disk");
}

TEST(ThisHost, IsThisOne) {
  EXPECT_FALSE(this_host().name.empty());
  EXPECT_FALSE(this_host().architecture.empty());
}

}  // namespace
}  // namespace zel::zrun
