// Why: what is wrong with a program has to be said before anything starts, with the right exit status.
#include "zrun/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace zel::zrun {
namespace {

using testing::HasSubstr;

/// A directory with a program, a file that is none, and a bin/ with two more.
class Program : public testing::Test {
 protected:
  Program() {
    std::string name = testing::TempDir() + "zel_program_XXXXXX";
    root_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(root_ + "/bin");
    std::filesystem::create_directory(root_ + "/bin/sub");
    file("app", 0755);
    file("data", 0644);
    file("bin/tool", 0755);
    file("bin/broken", 0644);
  }
  ~Program() override { std::filesystem::remove_all(root_); }

  void file(const std::string& name, mode_t mode) {
    const std::string path = root_ + '/' + name;
    std::ofstream(path) << "x";
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  std::string found(const std::string& name, const std::string& path = "") {
    const auto result = resolve_program(name, path, root_);
    return result ? *result : "error: " + result.error().text;
  }
  base::Error error(const std::string& name, const std::string& path = "") {
    const auto result = resolve_program(name, path, root_);
    EXPECT_FALSE(result.has_value());
    return result ? base::Error{base::Errc::system, "found"} : result.error();
  }

  std::string root_;
};

TEST_F(Program, aPathCountsFromTheDirectory) {
  EXPECT_EQ(found("./app"), root_ + "/app");
  EXPECT_EQ(found("bin/tool"), root_ + "/bin/tool");
  EXPECT_EQ(found("bin/../app"), root_ + "/bin/../app");
  EXPECT_EQ(found(root_ + "/app"), root_ + "/app");
}

TEST_F(Program, aNameIsLookedForInPath) {
  EXPECT_EQ(found("tool", "/nowhere:" + root_ + "/bin"), root_ + "/bin/tool");
  EXPECT_EQ(found("tool", "bin"), root_ + "/bin/tool");
  EXPECT_EQ(found("app", "/nowhere:"), root_ + "/app");
  EXPECT_EQ(found("app", "."), root_ + "/app");
  EXPECT_THAT(found("sh"), HasSubstr("/bin/sh"));
}

TEST_F(Program, laterEntriesAreTriedAfterAnUnusableOne) {
  file("broken", 0755);
  EXPECT_EQ(found("broken", root_ + "/bin:" + root_), root_ + "/broken");
}

TEST_F(Program, missing) {
  EXPECT_EQ(error("./nope").code, base::Errc::program_not_found);
  EXPECT_THAT(error("./nope").text, HasSubstr(root_ + "/nope"));
  EXPECT_EQ(error("data/under").code, base::Errc::program_not_found);
  EXPECT_EQ(error("nope", "/nowhere").text,
            "nope is not in PATH; check the name, or give a path, as in ./nope");
  EXPECT_EQ(error("").code, base::Errc::program_not_found);
}

TEST_F(Program, inTheDirectoryButNotInPath) {
  EXPECT_EQ(error("app", "/nowhere").code, base::Errc::program_not_found);
  EXPECT_EQ(error("app", "/nowhere").text, "app is not in PATH; did you mean ./app?");
}

TEST_F(Program, notExecutable) {
  EXPECT_EQ(error("./data").code, base::Errc::not_executable);
  EXPECT_EQ(error("./data").text, "cannot execute " + root_ +
                                      "/data: it has no execute permission; try chmod +x " + root_ + "/data");
  EXPECT_EQ(error("broken", root_ + "/bin").code, base::Errc::not_executable);
}

TEST_F(Program, aDirectory) {
  EXPECT_EQ(error("./bin").code, base::Errc::not_executable);
  EXPECT_THAT(error("./bin").text, HasSubstr("is a directory"));
  EXPECT_EQ(error("sub", root_ + "/bin").code, base::Errc::program_not_found);
}

TEST(ExitStatus, ofFailures) {
  EXPECT_EQ(exit_status_of(base::Errc::program_not_found), 127);
  EXPECT_EQ(exit_status_of(base::Errc::not_executable), 126);
  EXPECT_EQ(exit_status_of(base::Errc::bad_option), 125);
  EXPECT_EQ(exit_status_of(base::Errc::system), 125);
}

}  // namespace
}  // namespace zel::zrun
