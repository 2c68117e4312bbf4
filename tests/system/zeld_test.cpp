// zeld as an administrator would use it, one node on one machine: start, look, stop, and what is left.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/process.hpp"

namespace zel::test {
namespace {

namespace fs = std::filesystem;

/// A user's surroundings of its own: nothing of it meets a node that runs on this machine anyway.
class Zeld : public ::testing::Test {
 protected:
  Zeld() {
    char name[] = "/tmp/zel-test-XXXXXX";
    home_ = ::mkdtemp(name);
  }
  ~Zeld() override {
    for (const std::string& directory : {default_directory(), home_ + "/other"}) {
      const int pid = pid_in(directory);
      if (pid > 0) ::kill(pid, SIGKILL);
    }
    fs::remove_all(home_);
  }

  Process::Options surroundings() const {
    Process::Options options;
    options.environment = {{"XDG_RUNTIME_DIR", home_}, {"XDG_CONFIG_HOME", home_ + "/config"}, {"ZEL_RUNTIME_DIR", ""}};
    return options;
  }
  std::unique_ptr<Process> begin(const std::string& name, std::vector<std::string> words) const {
    words.insert(words.begin(), program(name));
    return std::make_unique<Process>(std::move(words), surroundings());
  }
  std::unique_ptr<Process> begin_shell(const std::string& script) const {
    return std::make_unique<Process>(std::vector<std::string>{"sh", "-c", script}, surroundings());
  }
  Finished zeld(std::vector<std::string> words) const { return begin("zeld", std::move(words))->finish(); }
  Finished zrun(std::vector<std::string> words) const { return begin("zrun", std::move(words))->finish(); }
  Finished start(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"start", "--detach", "--listen", "127.0.0.1:0", "--name", "alpha"});
    return zeld(std::move(more));
  }
  std::string default_directory() const { return home_ + "/zel"; }
  int pid_in(const std::string& directory) const {
    int pid = 0;
    std::ifstream(directory + "/lock") >> pid;
    return pid;
  }
  std::vector<std::string> files_in(const std::string& directory) const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string first_job() const {
    std::string name;
    eventually([&] {
      const auto jobs = nlohmann::json::parse(zeld({"jobs", "--json"}).out, nullptr, false);
      if (!jobs.is_object() || jobs["jobs"].empty()) return false;
      name = jobs["jobs"][0]["job"];
      return true;
    });
    return name;
  }

  std::string home_;
};

const std::vector<std::string> only_the_key = {"identity.key"};

TEST_F(Zeld, HoldsNothingOpenThatTheShellHad) {
  const auto done = begin_shell("exec 9>" + home_ + "/held; flock 9; " + program("zeld") +
                                " start --detach --listen 127.0.0.1:0; exec 9>&-; flock -n " + home_ + "/held true")
                        ->finish();
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, SaysThatItMayOpenTooFewFiles) {
  const auto done = begin_shell("ulimit -n 40; " + program("zeld") + " start --detach --listen 127.0.0.1:0")->finish();
  EXPECT_EQ(done.status, 1);
  EXPECT_EQ(done.err, "zeld: a node needs 64 open files, the limit is 40; raise the hard limit (ulimit -Hn)\n");
}

TEST_F(Zeld, StartsIsThereAndStops) {
  const auto started = start();
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(started.out.find("node alpha (id "), 0u) << started.out;
  EXPECT_NE(started.out.find(") listens on 127.0.0.1:"), std::string::npos) << started.out;
  EXPECT_NE(started.out.find(", runtime directory " + default_directory() + "\n"), std::string::npos) << started.out;
  struct stat info {};
  ASSERT_EQ(::stat(default_directory().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);

  const auto status = nlohmann::json::parse(zeld({"status", "--json"}).out);
  EXPECT_EQ(status["name"], "alpha");
  EXPECT_EQ(status["pid"], pid_in(default_directory()));
  EXPECT_NE(zeld({"status"}).out.find("alpha"), std::string::npos);
  EXPECT_NE(zeld({"nodes"}).out.find("self"), std::string::npos);
  EXPECT_EQ(zeld({"jobs"}).out, "no jobs\n");

  const std::string id = status["id"];
  EXPECT_EQ(zeld({"stop"}).status, 0);
  EXPECT_EQ(files_in(default_directory()), only_the_key);
  ASSERT_EQ(start().status, 0);
  EXPECT_EQ(nlohmann::json::parse(zeld({"status", "--json"}).out)["id"], id) << "it is the same node again";
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, WithNoNodeEverySubcommandSaysSo) {
  for (const char* command : {"status", "nodes", "jobs", "stop"}) {
    const auto done = zeld({command});
    EXPECT_EQ(done.status, 1) << command;
    EXPECT_EQ(done.err, "zeld: no node runs here (looked in " + default_directory() + "); start one with 'zeld start'\n");
  }
  EXPECT_EQ(zeld({"kill", "x"}).status, 1);
}

TEST_F(Zeld, ASecondNodeInTheSamePlaceIsRefused) {
  ASSERT_EQ(start().status, 0);
  const auto second = start();
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("a node already runs here (pid " + std::to_string(pid_in(default_directory())) + ","), std::string::npos)
      << second.err;
  EXPECT_EQ(zeld({"status"}).status, 0) << "the first one goes on";
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, WhatACrashLeftIsReplaced) {
  ASSERT_EQ(start().status, 0);
  const int pid = pid_in(default_directory());
  ::kill(pid, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !is_alive(pid); }));
  EXPECT_TRUE(fs::exists(default_directory() + "/run.sock"));
  EXPECT_EQ(zeld({"status"}).status, 1);
  EXPECT_EQ(zrun({"echo", "alone"}).out, "alone\n");
  ASSERT_EQ(start().status, 0);
  EXPECT_EQ(zrun({"-n", "2", "sh", "-c", "echo $ZEL_NODE"}).out, "alpha\nalpha\n");
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, ZrunFindsTheNodeByItselfByDirectoryAndByAddress) {
  ASSERT_EQ(start({"--runtime-dir", home_ + "/other"}).status, 0);
  const auto status = nlohmann::json::parse(zeld({"status", "--json", "--node", home_ + "/other"}).out);
  const std::string address = status["listens"][0];
  const std::vector<std::string> job = {"sh", "-c", "echo $ZEL_NODE"};
  for (const std::string& node : {home_ + "/other", address}) {
    EXPECT_EQ(zrun({"--node", node, "sh", "-c", "echo $ZEL_NODE"}).out, "alpha\n") << node;
    EXPECT_EQ(zeld({"status", "--node", node}).status, 0) << node;
  }
  EXPECT_NE(zrun({"sh", "-c", "echo $ZEL_NODE"}).out, "alpha\n") << "none runs in the default place";
  ASSERT_EQ(zeld({"stop", "--node", address}).status, 0);
  EXPECT_EQ(files_in(home_ + "/other"), only_the_key);
  EXPECT_FALSE(fs::exists(default_directory())) << "its link in the registry is gone, and so is the registry";
  const auto gone = zrun({"--node", address, "true"});
  EXPECT_EQ(gone.status, 125);
  EXPECT_NE(gone.err.find("no node of this user listens at " + address), std::string::npos) << gone.err;
  EXPECT_EQ(zrun({"--node", home_ + "/other", "true"}).status, 125);

  ASSERT_EQ(start().status, 0);
  EXPECT_EQ(zrun({"sh", "-c", "echo $ZEL_NODE"}).out, "alpha\n");
  EXPECT_NE(zrun({"--node", "private", "sh", "-c", "echo $ZEL_NODE"}).out, "alpha\n");
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, ServesSeveralRunsAtATime) {
  ASSERT_EQ(start({"--cores", "4"}).status, 0);
  const std::string meet = home_ + "/meet";
  std::vector<std::unique_ptr<Process>> runs;
  for (int i = 0; i < 4; ++i) {
    // Each ends only when all four are running.
    runs.push_back(begin("zrun", {"sh", "-c", "echo x >> " + meet + "; while [ $(wc -l < " + meet +
                                                                     ") -lt 4 ]; do sleep 0.05; done; exit " + std::to_string(i)}));
  }
  for (int i = 0; i < 4; ++i) {
    const auto done = runs[static_cast<std::size_t>(i)]->finish();
    EXPECT_EQ(done.status, i) << done.err;
  }
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, ARunForWhichDescriptorsRunOutHalfWayLeavesNothing) {
  const auto started = begin_shell("ulimit -n 170; " + program("zeld") + " start --detach --listen 127.0.0.1:0 --cores 64")->finish();
  ASSERT_EQ(started.status, 0) << started.err;
  std::vector<std::unique_ptr<Process>> others;
  for (int run = 0; run < 3; ++run) {
    others.push_back(begin("zrun", {"-n", "10", "sh", "-c", "echo up; until [ -e " + home_ + "/go ]; do sleep 0.1; done; exit 7"}));
    ASSERT_TRUE(others.back()->wait_for_output("up"));
  }
  auto mark = surroundings();
  mark.environment["ZEL_TEST_MARK"] = home_;
  const auto done = Process({program("zrun"), "-n", "12", "sleep", "60"}, mark).finish();
  EXPECT_EQ(done.status, 125);
  EXPECT_NE(done.err.find("Too many open files; start fewer ranks"), std::string::npos) << done.err;
  EXPECT_TRUE(eventually([&] { return processes_with("ZEL_TEST_MARK=" + home_).empty(); }));
  std::ofstream(home_ + "/go").put('x');
  for (auto& other : others) EXPECT_EQ(other->finish().status, 7) << "runs beside it do not notice";
  EXPECT_TRUE(eventually([&] { return nlohmann::json::parse(zeld({"status", "--json"}).out)["cores_free"] == 64; }));
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, AJobCanBeKilled) {
  ASSERT_EQ(start().status, 0);
  auto run = begin("zrun", {"sleep", "1000"});
  const std::string job = first_job();
  ASSERT_FALSE(job.empty());
  const auto unknown = zeld({"kill", "no-such-job"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_NE(unknown.err.find("no job no-such-job"), std::string::npos) << unknown.err;
  EXPECT_EQ(zeld({"kill", job}).status, 0);
  const auto done = run->finish();
  EXPECT_NE(done.status, 0);
  EXPECT_NE(done.err.find("zeld kill"), std::string::npos) << done.err;
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, SigtermEndsJobsWithGraceAndLeavesOnlyTheKey) {
  auto node = begin("zeld", {"start", "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(eventually([&] { return zeld({"status"}).status == 0; }));
  auto run = begin("zrun", {"sh", "-c", "trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.05; done"});
  ASSERT_TRUE(run->wait_for_output("up\n"));
  node->signal(SIGTERM);
  const auto done = run->finish();
  EXPECT_EQ(done.out, "up\ncleaned\n");
  EXPECT_NE(done.err.find("was told to stop"), std::string::npos) << done.err;
  EXPECT_EQ(node->finish().status, 0);
  EXPECT_EQ(files_in(default_directory()), only_the_key);
}

TEST_F(Zeld, ASecondSignalDoesNotWait) {
  auto node = begin("zeld", {"start", "--listen", "127.0.0.1:0", "--log-format", "json"});
  ASSERT_TRUE(eventually([&] { return zeld({"status"}).status == 0; }));
  auto run = begin("zrun", {"sh", "-c", "trap 'echo no' TERM; echo up; while :; do sleep 0.05; done"});
  ASSERT_TRUE(run->wait_for_output("up\n"));
  node->signal(SIGTERM);
  ASSERT_TRUE(run->wait_for_output("no\n"));
  node->signal(SIGTERM);
  run->finish();
  const auto ended = node->finish();
  EXPECT_EQ(ended.status, 0);
  std::istringstream lines(ended.err);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST_F(Zeld, ANodeThatIsKilledTakesItsRanksAlongAndZrunSaysSo) {
  ASSERT_EQ(start().status, 0);
  auto run = begin("zrun", {"sh", "-c", "echo $$; exec sleep 1000"});
  ASSERT_TRUE(run->wait_for_output("\n"));
  const int rank = std::stoi(run->output());
  ::kill(pid_in(default_directory()), SIGKILL);
  const auto done = run->finish();
  EXPECT_EQ(done.status, 125);
  EXPECT_NE(done.err.find("the node in " + default_directory() + " ended unexpectedly"), std::string::npos) << done.err;
  EXPECT_TRUE(eventually([&] { return !is_alive(rank); }));
}

TEST_F(Zeld, FlagsWinOverTheEnvironmentWhichWinsOverTheFile) {
  fs::create_directories(home_ + "/config/zel");
  std::ofstream(home_ + "/config/zel/zeld.toml") << "name = 'file'\nlabels = { from = 'file' }\ncores = 1\n";
  auto options = surroundings();
  options.environment["ZEL_NAME"] = "variable";
  options.environment["ZEL_LABELS"] = "from=variable";
  Process starting({program("zeld"), "start", "--detach", "--listen", "127.0.0.1:0", "--name", "flag"}, options);
  const auto started = starting.finish();
  ASSERT_EQ(started.status, 0) << started.err;
  const auto status = nlohmann::json::parse(zeld({"status", "--json"}).out);
  EXPECT_EQ(status["name"], "flag");
  EXPECT_EQ(status["labels"][0], "from=variable");
  EXPECT_EQ(status["cores_total"], 1);
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

TEST_F(Zeld, WhatMakesNoSenseIsOneLineAndLeavesNothing) {
  std::ofstream(home_ + "/bad.toml") << "\n\ncores = 'four'\n";
  fs::create_directory(home_ + "/open");
  fs::permissions(home_ + "/open", fs::perms(0755));
  struct Mistake {
    std::vector<std::string> words;
    int status;
    std::string text;
  };
  const Mistake mistakes[] = {
      {{"sttaus"}, 2, "there is no subcommand 'sttaus'; did you mean status?"},
      {{"start", "--corse", "3"}, 2, "there is no option --corse; did you mean --cores?"},
      {{"start", "--cores"}, 2, "--cores needs a value"},
      {{"start", "--cores", "0"}, 2, "--cores: it needs a number"},
      {{"start", "--cores", "9999999"}, 2, "--cores: it needs a number"},
      {{"start", "--listen", "localhost:1"}, 2, "--listen: 'localhost:1': give the numeric address; host names are not used"},
      {{"start", "--config", home_ + "/bad.toml"}, 2, home_ + "/bad.toml line 3: it needs a number"},
      {{"start", "--config", home_ + "/none.toml"}, 2, "--config: cannot read " + home_ + "/none.toml"},
      {{"start", "--runtime-dir", home_ + "/open", "--detach"}, 1, "is open to other users; choose another --runtime-dir, or close it with chmod 700"},
      {{"start", "--runtime-dir", home_ + "/" + std::string(120, 'x')}, 2, "too long for the sockets in it"},
      {{"start", "here"}, 2, "'here' has no place after zeld start"},
      {{"kill"}, 2, "JOB is required"},
      {{"status", "--node", "host"}, 2, "'host' is neither a directory nor an address"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto done = zeld(mistake.words);
    EXPECT_EQ(done.status, mistake.status) << done.err;
    EXPECT_EQ(done.err.find("zeld: "), 0u) << done.err;
    EXPECT_NE(done.err.find(mistake.text), std::string::npos) << done.err;
    EXPECT_EQ(done.err.find('\n'), done.err.size() - 1) << done.err;
  }
  EXPECT_FALSE(fs::exists(default_directory()));
  EXPECT_NE(zeld({}).out.find("Exit status:"), std::string::npos);
  const std::string help = zeld({"start", "--help"}).out;
  EXPECT_NE(help.find("ZEL_CORES"), std::string::npos);
  EXPECT_NE(help.find("Usage: zeld start"), std::string::npos) << help;
}

TEST_F(Zeld, AnAddressThatIsTakenIsRefusedAndNamed) {
  ASSERT_EQ(start().status, 0);
  const std::string address = nlohmann::json::parse(zeld({"status", "--json"}).out)["listens"][0];
  const auto second = zeld({"start", "--detach", "--runtime-dir", home_ + "/other", "--listen", address});
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find(address), std::string::npos) << second.err;
  EXPECT_EQ(zeld({"stop"}).status, 0);
}

}  // namespace
}  // namespace zel::test
