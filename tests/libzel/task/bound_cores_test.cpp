// Why: what the user asks for is used, and what makes no sense is said.
#include "libzel/task/bound_cores.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "zel/error.hpp"

namespace zel::task {
namespace {

TEST(WishedThreads, AreThoseOfTheEnvironment) {
  ::unsetenv("ZEL_THREADS");
  EXPECT_EQ(wished_threads(), std::nullopt);
  ::setenv("ZEL_THREADS", "3", 1);
  EXPECT_EQ(wished_threads(), 3);
  for (const char* wrong : {"", "0", "-1", "4x", " 4", "1025", "99999999999"}) {
    ::setenv("ZEL_THREADS", wrong, 1);
    EXPECT_THROW(wished_threads(), Error) << wrong;
  }
  ::unsetenv("ZEL_THREADS");
}

}  // namespace
}  // namespace zel::task
