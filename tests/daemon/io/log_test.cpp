// Why: logs are read by programs and quote what strangers said; neither may break a line, and no stranger may
// fill a disk.
#include "daemon/io/log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace zel::io {
namespace {

using namespace std::chrono_literals;

const base::Time start{};

TEST(RateLimit, OnceASecondForEachKindWithACount) {
  RateLimit limit;
  EXPECT_EQ(limit.admit("a", start + 1s), 0u);
  EXPECT_EQ(limit.admit("a", start + 1s), std::nullopt);
  EXPECT_EQ(limit.admit("b", start + 1s), 0u);
  EXPECT_EQ(limit.admit("a", start + 1999ms), std::nullopt);
  EXPECT_EQ(limit.admit("a", start + 2s), 2u);
  EXPECT_EQ(limit.admit("a", start + 3s), 0u);
}

TEST(RateLimit, MoreKindsThanItKeepsAreLeftOut) {
  RateLimit limit;
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) admitted += limit.admit(std::to_string(i), start + 1s) ? 1 : 0;
  EXPECT_LE(admitted, 256);
  EXPECT_EQ(limit.admit("new", start + 3s), 0u) << "old ones make room";
}

std::string written(LogFormat format, const std::string& message) {
  char path[] = "/tmp/zel-log-XXXXXX";
  ::close(::mkstemp(path));
  {
    auto log = Log::open({LogLevel::info, format, path, "node7"});
    EXPECT_TRUE(log);
    log->write(LogLevel::debug, "not worth a line");
    log->warn(message);
  }
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  ::unlink(path);
  return text.str();
}

TEST(Log, AJsonLineIsOneObjectWhateverTheMessage) {
  const std::string line = written(LogFormat::json, "a \"quoted\"\nline \xff");
  ASSERT_EQ(line.find('\n'), line.size() - 1) << line;
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["level"], "warn");
  EXPECT_EQ(json["node"], "node7");
  EXPECT_EQ(json["message"], "a \"quoted\"\nline \xef\xbf\xbd");
  EXPECT_EQ(json["time"].get<std::string>().back(), 'Z');
}

TEST(Log, ATextLineShowsControlCharactersInsteadOfSendingThem) {
  const std::string line = written(LogFormat::text, "a\nforged \033[2J {} %s line");
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  EXPECT_NE(line.find(" warn node7: a\\x0aforged \\x1b[2J {} %s line"), std::string::npos) << line;
}

TEST(Log, AFileThatCannotBeWrittenIsAnError) {
  EXPECT_FALSE(Log::open({LogLevel::info, LogFormat::text, "/proc/none/zeld.log", "n"}));
}

}  // namespace
}  // namespace zel::io
