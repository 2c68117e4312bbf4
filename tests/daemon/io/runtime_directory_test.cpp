// Why: the directory is what keeps other users out and two nodes apart.
#include "daemon/io/runtime_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "wire/local_node.hpp"

namespace zel::io {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class RuntimeDirectoryTest : public ::testing::Test {
 protected:
  RuntimeDirectoryTest() {
    char name[] = "/tmp/zel-test-XXXXXX";
    home_ = ::mkdtemp(name);
  }
  ~RuntimeDirectoryTest() override { fs::remove_all(home_); }
  base::Result<RuntimeDirectory> open(const std::string& name) { return RuntimeDirectory::open(home_ + name, home_ + "/zel/nodes"); }
  std::string complaint(const std::string& name) {
    const auto opened = open(name);
    return opened ? "it was accepted" : opened.error().text;
  }
  std::string home_;
};

TEST_F(RuntimeDirectoryTest, IsPrivateLockedAndGoneAfterwards) {
  {
    auto first = open("/a/b");
    ASSERT_TRUE(first) << first.error().text;
    EXPECT_EQ(fs::status(home_ + "/a/b").permissions(), fs::perms(0700));
    EXPECT_EQ(node_running_in(home_ + "/a/b"), ::getpid());
    EXPECT_THAT(complaint("/a/b"), HasSubstr("a node already runs here (pid " + std::to_string(::getpid())));
  }
  EXPECT_FALSE(fs::exists(home_ + "/a/b"));
  EXPECT_EQ(node_running_in(home_ + "/a/b"), 0);
}

TEST_F(RuntimeDirectoryTest, WhatOthersMayReadIsRefused) {
  for (const int mode : {0755, 0710, 0702}) {
    fs::create_directory(home_ + "/open");
    fs::permissions(home_ + "/open", fs::perms(static_cast<unsigned>(mode)));
    EXPECT_THAT(complaint("/open"), HasSubstr("is open to other users"));
    fs::remove(home_ + "/open");
  }
  // One that others write to is theirs too: nobody is told to close it, as /tmp.
  fs::create_directory(home_ + "/shared");
  fs::permissions(home_ + "/shared", fs::perms(01777));
  EXPECT_THAT(complaint("/shared"), Not(HasSubstr("chmod")));
  fs::create_symlink("/tmp", home_ + "/link");
  EXPECT_THAT(complaint("/link"), HasSubstr("is not a directory"));
}

TEST_F(RuntimeDirectoryTest, SomebodyElsesIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  fs::create_directory(home_ + "/theirs");
  fs::permissions(home_ + "/theirs", fs::perms(0700));
  ASSERT_EQ(::chown((home_ + "/theirs").c_str(), 12345, 12345), 0);
  EXPECT_THAT(complaint("/theirs"), HasSubstr("belongs to somebody else"));
}

TEST_F(RuntimeDirectoryTest, TheRegistryLeadsThereAndForgetsTheDead) {
  fs::create_directories(home_ + "/zel/nodes");
  for (const char* each : {"/zel", "/zel/nodes"}) fs::permissions(home_ + each, fs::perms(0700));
  fs::create_symlink(home_ + "/dead", home_ + "/zel/nodes/127.0.0.1_9");
  {
    auto directory = open("/a");
    ASSERT_TRUE(directory);
    ASSERT_TRUE(directory->enter({{"127.0.0.1", 7}}));
    EXPECT_EQ(wire::node_directory("127.0.0.1:7", "", home_ + "/zel").value(), home_ + "/a");
    EXPECT_FALSE(fs::is_symlink(home_ + "/zel/nodes/127.0.0.1_9"));
  }
  EXPECT_FALSE(fs::exists(home_ + "/zel")) << "nothing is left in it";
}

TEST_F(RuntimeDirectoryTest, APathTooLongForSocketsIsRefusedBeforeAnythingIsMade) {
  EXPECT_THAT(complaint("/" + std::string(100, 'x')), HasSubstr("too long"));
  EXPECT_TRUE(fs::is_empty(home_));
}

}  // namespace
}  // namespace zel::io
