#include "daemon/io/link_keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace zel::io {
namespace {

namespace fs = std::filesystem;

struct LinkKeysTest : ::testing::Test {
  fs::path folder = [] {
    std::string name = (fs::temp_directory_path() / "zel-keys-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    return fs::path(name);
  }();
  std::string path = folder / "node.key";
  ~LinkKeysTest() override { fs::remove_all(folder); }

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
};

TEST_F(LinkKeysTest, KeysOutliveARestartAndAreTheirOwnersAlone) {
  const auto first = load_or_create_link_keys(path);
  ASSERT_TRUE(first) << first.error().text;
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777u, 0600u);
  const auto second = load_or_create_link_keys(path);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(first->secret, second->secret);
  EXPECT_FALSE(first->id.is_nobody());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1)
      << "nothing is left beside it";
}

TEST_F(LinkKeysTest, WhatOthersCouldReadIsRefused) {
  ASSERT_TRUE(load_or_create_realm_key(path));
  for (const mode_t mode : {0640u, 0604u, 0620u, 0602u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const auto again = load_or_create_realm_key(path);
    ASSERT_FALSE(again) << std::oct << mode;
    EXPECT_EQ(again.error().code, base::Errc::refused);
    EXPECT_NE(again.error().text.find(path), std::string::npos);
  }
}

TEST_F(LinkKeysTest, WhatIsNoKeyIsRefused) {
  const std::string digits(64, 'a');
  for (const std::string& text :
       {std::string(), std::string("hello\n"), "zel-node-key-1 " + digits.substr(1) + "\n",
        "zel-node-key-1 " + digits + "0\n", "zel-node-key-2 " + digits + "\n",
        "zel-node-key-1 " + digits.substr(1) + "g\n", "zel-realm-key-1 " + digits + "\n",
        std::string(100000, 'a')}) {
    write(text);
    const auto loaded = load_or_create_link_keys(path);
    ASSERT_FALSE(loaded) << text.substr(0, 100);
    EXPECT_EQ(loaded.error().code, base::Errc::bad_message);
  }
  write("zel-node-key-1 " + digits + "\n");
  EXPECT_TRUE(load_or_create_link_keys(path));
}

TEST_F(LinkKeysTest, ASymbolicLinkIsNotFollowedAndAMissingFolderIsAnError) {
  ASSERT_TRUE(load_or_create_link_keys(path));
  fs::create_symlink(path, folder / "other.key");
  EXPECT_FALSE(load_or_create_link_keys(folder / "other.key"));
  EXPECT_FALSE(load_or_create_link_keys(folder / "none" / "node.key"));
}

TEST_F(LinkKeysTest, OfManyThatMakeItAtOnceAllGetTheSame) {
  std::vector<RealmKey> got(8);
  std::vector<std::thread> makers;
  for (RealmKey& mine : got) {
    makers.emplace_back([&] {
      const auto key = load_or_create_realm_key(path);
      EXPECT_TRUE(key);
      if (key) mine = *key;
    });
  }
  for (auto& maker : makers) maker.join();
  for (const RealmKey& mine : got) EXPECT_EQ(mine.secret, got[0].secret);
}

TEST_F(LinkKeysTest, AnsweringKeysFollowFromTheRealmAlone) {
  const RealmKey one = new_realm_key(), two = new_realm_key();
  EXPECT_EQ(answering_keys(one).id, answering_keys(one).id);
  EXPECT_NE(answering_keys(one).id, answering_keys(two).id);
  EXPECT_NE(answering_keys(one).secret, one.secret);
}

}  // namespace
}  // namespace zel::io
