#include "base/error.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace zel::base {
namespace {

TEST(Error, EveryKindHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::system); ++code) {
    const auto name = name_of(static_cast<Errc>(code));
    EXPECT_NE(name, "unknown");
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Error, SystemErrorSaysWhatAndWhy) {
  const Result<int> failed = fail_errno("open /x", ENOENT);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::system);
  EXPECT_EQ(failed.error().text, "open /x: No such file or directory");
}

}  // namespace
}  // namespace zel::base
