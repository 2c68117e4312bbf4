// Why: host files come from other launchers; what they may hold, and what is said about the rest, is a table.
#include "zrun/node_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zel::zrun {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

Names names_in(const std::string& text) {
  Names names;
  EXPECT_EQ(add_hostfile(text, names), std::nullopt);
  return names;
}
std::string complaint(const std::string& text) {
  Names names;
  return add_hostfile(text, names).value_or("it was accepted");
}

TEST(HostFile, NamesWithOrWithoutSlots) {
  EXPECT_THAT(names_in("# ours\nnode1 slots=4 # rack 1\n\n  node2 \tslots=2 max_slots=8\r\nnode3:4\n10.0.0.1:7411\nnode1\n"),
              ElementsAre("node1", "node2", "node3", "10.0.0.1:7411"));
  EXPECT_THAT(names_in("last"), ElementsAre("last"));
  EXPECT_TRUE(names_in("# nothing\n\n").empty());
}

TEST(HostFile, MistakesNameTheLine) {
  EXPECT_EQ(complaint("a\nb cores=4\n"), "line 2: a name and slots=N are understood, not 'cores=4'");
  EXPECT_EQ(complaint("a slots=many"), "line 1: a name and slots=N are understood, not 'slots=many'");
  EXPECT_EQ(complaint("a\n\nb:c\n"), "line 3: 'b:c' names no node");
  EXPECT_EQ(complaint("a\x01"), "line 1: 'a?' names no node");
  EXPECT_THAT(complaint(std::string(1000, 'x')), testing::EndsWith("xxxxx…' names no node"));
  EXPECT_EQ(complaint("\x7f" "ELF\x02\xff"), "line 1: '?ELF?\?' names no node");
  EXPECT_EQ(complaint("a \x1b[31m"), "line 1: a name and slots=N are understood, not '?[31m'");
}

TEST(Requirements, SizesArePowersOf1024) {
  const std::pair<const char*, std::uint64_t> sizes[] = {
      {"memory=1", 1}, {"memory=2k", 2048}, {"memory=1.5M", 3u << 19}, {"memory=4G", 4ull << 30}, {"memory=4GiB", 4ull << 30}, {"memory=1T", 1ull << 40}};
  for (const auto& [word, bytes] : sizes) {
    wire::schedule::Requirements r;
    EXPECT_TRUE(add_requirement(word, r)) << word;
    EXPECT_EQ(r.memory_bytes_per_core, bytes) << word;
  }
  for (const char* word : {"memory=", "memory=0", "memory=inf", "memory=nan", "memory=1GG", "memory=9999999999T", "=x", "gpu="}) {
    wire::schedule::Requirements r;
    EXPECT_FALSE(add_requirement(word, r)) << word;
    EXPECT_EQ(r, wire::schedule::Requirements()) << word;
  }
}

}  // namespace
}  // namespace zel::zrun
