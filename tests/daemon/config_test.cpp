// Why: flags win over the environment, which wins over the file, and a mistake names its place: as tables.
#include "daemon/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/address.hpp"

namespace zel::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Entries toml(const std::string& text) {
  auto entries = entries_from_toml(text, "zeld.toml");
  EXPECT_TRUE(entries) << (entries ? "" : entries.error().text);
  return entries ? *entries : Entries{};
}

Configuration made(const Entries& entries) {
  auto configuration = make_configuration(entries);
  EXPECT_TRUE(configuration) << (configuration ? "" : configuration.error().text);
  return configuration ? *configuration : Configuration{};
}

std::string complaint(const base::Result<Entries>& entries) {
  if (!entries) return entries.error().text;
  const auto configuration = make_configuration(*entries);
  return configuration ? "it was accepted" : configuration.error().text;
}
std::string complaint_about_file(const std::string& text) { return complaint(entries_from_toml(text, "zeld.toml")); }

TEST(Configuration, TheFirstSourceThatHasASettingDecidesIt) {
  const Entries flags = {{Setting::cores, {"2"}, "--cores"}, {Setting::labels, {"a=flag"}, "--label"}};
  const Entries variables = entries_from_environment({"ZEL_CORES=3", "ZEL_NAME=variable", "ZEL_LABELS=b=1,c=2", "ZEL_RANK=5"});
  const Entries file = toml("cores = 4\nname = 'file'\npreset = 'wan'\nlabels = ['d=4']\n");
  const Configuration all = made(merge({flags, variables, file}));
  EXPECT_EQ(all.cores, 2u);
  EXPECT_EQ(all.name, "variable");
  EXPECT_EQ(all.preset, Preset::wan);
  EXPECT_THAT(all.labels, ElementsAre("a=flag"));  // lists do not add up
  const Configuration without_flags = made(merge({variables, file}));
  EXPECT_EQ(without_flags.cores, 3u);
  EXPECT_THAT(without_flags.labels, ElementsAre("b=1", "c=2"));
  EXPECT_EQ(made(merge({file})).cores, 4u);
}

TEST(Configuration, NothingSaidMeansTheDefaults) {
  const Configuration c = made({});
  EXPECT_EQ(c.name, "");
  EXPECT_TRUE(c.listen.empty() && c.peers.empty() && c.labels.empty());
  EXPECT_EQ(c.cores, 0u);
  EXPECT_EQ(c.preset, Preset::lan);
  EXPECT_EQ(c.log_level, LogLevel::info);
  EXPECT_EQ(c.log_format, LogFormat::text);
  EXPECT_TRUE(entries_from_environment({"ZEL_CORES=", "ZEL_NAME", "PATH=/bin"}).empty());
}

TEST(Configuration, AFileCanSayEverything) {
  const Configuration c = made(toml(R"(
name = "node7"
listen = ["127.0.0.1:7001", "[::1]:0"]
peers = "10.0.0.1"
cores = 6
labels = { gpu = true, memory_kind = "ddr5" }
runtime_dir = "/run/zel7"
preset = "local"
realm_key = "/etc/zel/realm.key"
log_level = "debug"
log_format = "json"
log_file = "/var/log/zeld.log"
)"));
  EXPECT_EQ(c.name, "node7");
  ASSERT_EQ(c.listen.size(), 2u);
  EXPECT_EQ(wire::text_of(c.listen[1]), "[::1]:0");
  ASSERT_EQ(c.peers.size(), 1u);
  EXPECT_EQ(wire::text_of(c.peers[0]), "10.0.0.1:7411");
  EXPECT_EQ(c.cores, 6u);
  EXPECT_THAT(c.labels, testing::UnorderedElementsAre("gpu=true", "memory_kind=ddr5"));
  EXPECT_EQ(c.runtime_directory, "/run/zel7");
  EXPECT_EQ(c.preset, Preset::local);
  EXPECT_EQ(c.realm_key_file, "/etc/zel/realm.key");
  EXPECT_EQ(c.log_level, LogLevel::debug);
  EXPECT_EQ(c.log_format, LogFormat::json);
  EXPECT_EQ(c.log_file, "/var/log/zeld.log");
}

TEST(Configuration, MistakesInAFileNameTheLine) {
  EXPECT_EQ(complaint_about_file("name='a'\n\ncores = 'four'"),
            "zeld.toml line 3: it needs a number from 1 to 1048576, not 'four'");
  EXPECT_EQ(complaint_about_file("cores = 2.5"), "zeld.toml line 1: it needs a number from 1 to 1048576, not '2.5'");
  EXPECT_EQ(complaint_about_file("cores = -2"), "zeld.toml line 1: it needs a number from 1 to 1048576, not '-2'");
  EXPECT_EQ(complaint_about_file("cores = [2]"), "zeld.toml line 1: cores needs one value");
  EXPECT_THAT(complaint_about_file("\ncors = 2"), HasSubstr("zeld.toml line 2: there is no setting 'cors'; there are name, listen"));
  EXPECT_THAT(complaint_about_file("name = 'a'\nname = "), HasSubstr("zeld.toml line 2: "));
  EXPECT_EQ(complaint_about_file("listen = [[1]]"), "zeld.toml line 1: listen needs a list of texts");
}

TEST(Configuration, MistakesElsewhereNameTheFlagOrTheVariable) {
  const std::pair<Entry, const char*> mistakes[] = {
      {{Setting::cores, {"0"}, "--cores"}, "--cores: it needs a number from 1 to 1048576, not '0'"},
      {{Setting::cores, {"9999999"}, "ZEL_CORES"}, "ZEL_CORES: it needs a number from 1 to 1048576, not '9999999'"},
      {{Setting::preset, {"moon"}, "--preset"}, "--preset: it needs local, lan or wan, not 'moon'"},
      {{Setting::log_level, {"loud"}, "--log-level"}, "--log-level: it needs trace, debug, info, warn or error, not 'loud'"},
      {{Setting::log_format, {"xml"}, "--log-format"}, "--log-format: it needs text or json, not 'xml'"},
      {{Setting::listen, {"node7:1"}, "--listen"},
       "--listen: 'node7:1': give the numeric address; host names are not used for contact"},
      {{Setting::peers, {"10.0.0.1", "head.example"}, "ZEL_PEER"},
       "ZEL_PEER: 'head.example': give the numeric address; host names are not used for contact"},
      {{Setting::peers, {"10.0.0.1:0"}, "--peer"}, "--peer: '10.0.0.1:0': the port is a number from 1 to 65535"},
      {{Setting::labels, {"gpu"}, "--label"}, "--label: it needs KEY=VALUE of up to 128 plain letters, not 'gpu'"},
      {{Setting::labels, {"=x"}, "--label"}, "--label: it needs KEY=VALUE of up to 128 plain letters, not '=x'"},
      {{Setting::labels, {"os=Plan9"}, "--label"}, "--label: 'os=Plan9': every node knows its own os; leave it out"},
      {{Setting::log_file, {""}, "--log-file"}, "--log-file: it needs a path, not ''"},
  };
  for (const auto& [entry, text] : mistakes) EXPECT_EQ(complaint(Entries{entry}), text);
  EXPECT_THAT(complaint(Entries{{Setting::name, {"two words"}, "--name"}}), HasSubstr("--name: it needs a name of up to 64"));
  EXPECT_THAT(complaint(Entries{{Setting::name, {std::string(65, 'x')}, "--name"}}), HasSubstr("--name: "));
  EXPECT_THAT(complaint(Entries{{Setting::name, {"a\033[2J"}, "--name"}}), HasSubstr("--name: "));
  EXPECT_THAT(complaint(Entries{{Setting::peers, {"0.0.0.0:7"}, "--peer"}}), HasSubstr("that is no address of a node"));
  EXPECT_THAT(complaint(Entries{{Setting::listen, std::vector<std::string>(9, ":1"), "--listen"}}), HasSubstr("at most 8"));
}

TEST(Configuration, TheLastOfALabelCounts) {
  EXPECT_THAT(made(Entries{{Setting::labels, {"gpu=1", "x=2", "gpu=3"}, "--label"}}).labels, ElementsAre("x=2", "gpu=3"));
}

TEST(Configuration, TheTableIsInTheOrderOfItsIds) {
  for (std::size_t i = 0; i < setting_table().size(); ++i) EXPECT_EQ(static_cast<std::size_t>(setting_table()[i].id), i);
}

}  // namespace
}  // namespace zel::daemon
