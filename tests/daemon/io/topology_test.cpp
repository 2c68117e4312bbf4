// Why: the probe must show the host that this process may use, and name things as placement expects.
#include "daemon/io/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <vector>

#include "daemon/deploy/placement.hpp"

namespace zel::io {
namespace {

using deploy::HardwareThread;
using deploy::Topology;

Topology synthetic(const std::string& description) {
  auto topology = synthetic_topology(description);
  EXPECT_TRUE(topology.has_value()) << (topology ? "" : topology.error().text);
  return topology ? *topology : Topology{};
}

std::vector<unsigned> affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  EXPECT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  std::vector<unsigned> cpus;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

/// Runs `check` in a child, so that what it does to affinity and environment stays there.
int in_child(bool (*check)()) {
  const pid_t child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(Topology, packagesNodesCoresAndThreadsAreNumbered) {
  const Topology t = synthetic("package:2 numa:2 core:4 pu:2");
  ASSERT_EQ(t.hwthreads.size(), 32u);
  EXPECT_FALSE(t.this_system);
  EXPECT_EQ(t.hwthreads[0], (HardwareThread{.cpu = 0, .package = 0, .numa = 0, .core = 0, .thread = 0}));
  EXPECT_EQ(t.hwthreads[1], (HardwareThread{.cpu = 1, .package = 0, .numa = 0, .core = 0, .thread = 1}));
  EXPECT_EQ(t.hwthreads[8], (HardwareThread{.cpu = 8, .package = 0, .numa = 1, .core = 4, .thread = 0}));
  EXPECT_EQ(t.hwthreads[31], (HardwareThread{.cpu = 31, .package = 1, .numa = 3, .core = 7, .thread = 1}));
}

TEST(Topology, thePlacementOfADescribedHost) {
  const auto placement =
      deploy::place(synthetic("package:2 numa:2 core:4 pu:2"), 3, {.map_by = wire::run::Mapping::package});
  ASSERT_TRUE(placement.has_value());
  EXPECT_EQ(placement->cores, 16u);
  EXPECT_EQ(placement->ranks[1].where, "package 1 core 0");
  EXPECT_EQ(placement->ranks[1].cpus, (std::vector<std::uint32_t>{16, 17}));
}

TEST(Topology, aHostWithoutPackagesCoresOrNodes) {
  const Topology t = synthetic("pu:3");
  ASSERT_EQ(t.hwthreads.size(), 3u);
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(t.hwthreads[i], (HardwareThread{.cpu = i, .package = 0, .numa = 0, .core = i, .thread = 0}));
  }
}

TEST(Topology, memoryWithoutProcessorsOfItsOwnIsNotNearest) {
  // One memory for the whole host and one for each package: a core belongs to its package's.
  const Topology t = synthetic("[numa] package:2 [numa] core:2 pu:1");
  ASSERT_EQ(t.hwthreads.size(), 4u);
  EXPECT_EQ(t.hwthreads[0].numa, t.hwthreads[1].numa);
  EXPECT_NE(t.hwthreads[1].numa, t.hwthreads[2].numa);
  EXPECT_EQ(t.hwthreads[2].numa, t.hwthreads[3].numa);
}

TEST(Topology, nonsenseIsRefusedWithAnExample) {
  const auto t = synthetic_topology("two sockets");
  ASSERT_FALSE(t.has_value());
  EXPECT_EQ(t.error().code, base::Errc::bad_option);
  EXPECT_THAT(t.error().text, testing::HasSubstr("package:2 core:4 pu:2"));
}

TEST(Topology, thisHostIsWhatTheAffinityAllows) {
  const auto t = probe_topology();
  ASSERT_TRUE(t.has_value()) << t.error().text;
  EXPECT_TRUE(t->this_system);
  std::set<unsigned> seen;
  for (const auto& thread : t->hwthreads) EXPECT_TRUE(seen.insert(thread.cpu).second);
  const auto allowed = affinity();
  EXPECT_THAT(seen, testing::ElementsAreArray(allowed));
}

TEST(Topology, probingLeavesAffinityAndEnvironmentAlone) {
  const auto before = affinity();
  ASSERT_TRUE(probe_topology().has_value());
  EXPECT_EQ(affinity(), before);
  EXPECT_EQ(std::getenv("HWLOC_PLUGINS_PATH"), nullptr);
}

TEST(Topology, aRestrictedProcessSeesItsShareUnderTheSameNames) {
  EXPECT_EQ(in_child([] {
              const auto whole = probe_topology();
              const unsigned last = affinity().back();
              cpu_set_t one;
              CPU_ZERO(&one);
              CPU_SET(last, &one);
              if (sched_setaffinity(0, sizeof one, &one) != 0) return false;
              const auto restricted = probe_topology();
              if (!whole || !restricted || restricted->hwthreads.size() != 1) return false;
              for (const auto& thread : whole->hwthreads) {
                if (thread.cpu == last) return thread == restricted->hwthreads[0];
              }
              return false;
            }),
            0);
}

TEST(Topology, aHostFromTheEnvironmentIsNotCutToThisOnesAffinity) {
  EXPECT_EQ(in_child([] {
              ::setenv("HWLOC_SYNTHETIC", "package:2 core:64 pu:1", 1);
              const auto t = probe_topology();
              return t && !t->this_system && t->hwthreads.size() == 128;
            }),
            0);
}

TEST(Topology, aHostFromAFileIsReadWithoutPlugIns) {
  EXPECT_EQ(in_child([] {
              const std::string path = testing::TempDir() + "zel_topology_" + std::to_string(getpid());
              std::ofstream(path) << R"(<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0x3" complete_cpuset="0x3" allowed_cpuset="0x2" nodeset="0x1"
          complete_nodeset="0x1" allowed_nodeset="0x1" gp_index="1">
    <object type="NUMANode" os_index="0" cpuset="0x3" complete_cpuset="0x3" nodeset="0x1"
            complete_nodeset="0x1" gp_index="2" local_memory="1024"/>
    <object type="Core" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1"
            complete_nodeset="0x1" gp_index="3">
      <object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1"
              complete_nodeset="0x1" gp_index="4"/>
    </object>
    <object type="Core" os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x1"
            complete_nodeset="0x1" gp_index="5">
      <object type="PU" os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x1"
              complete_nodeset="0x1" gp_index="6"/>
    </object>
  </object>
</topology>
)";
              ::setenv("HWLOC_XMLFILE", path.c_str(), 1);
              const auto t = probe_topology();
              ::unlink(path.c_str());
              const HardwareThread only{.cpu = 1, .package = 0, .numa = 0, .core = 1, .thread = 0};
              return t && !t->this_system && t->hwthreads == std::vector{only};
            }),
            0);
}

}  // namespace
}  // namespace zel::io
