// zrun as a user would use it: what comes out, what goes in, how it ends.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "tests/support/process.hpp"

namespace zel::test {
namespace {

Finished zrun(std::vector<std::string> arguments, std::string input = {}) {
  arguments.insert(arguments.begin(), program("zrun"));
  return run(std::move(arguments), std::move(input));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string random_bytes(std::size_t size) {
  std::mt19937 random(42);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/zel-test-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Zrun, StartsAsManyRanksAsAskedFor) {
  const auto done = zrun({"-n", "3", "sh", "-c", "echo $ZEL_RANK of $ZEL_SIZE, $ZEL_LOCAL_RANK of $ZEL_LOCAL_SIZE"});
  EXPECT_EQ(done.status, 0) << done.err;
  auto lines = lines_of(done.out);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"0 of 3, 0 of 3", "1 of 3, 1 of 3", "2 of 3, 2 of 3"}));
}

TEST(Zrun, OneRankIsTheDefaultAndItsEnvironmentSaysWhereItIs) {
  const auto done = zrun({"sh", "-c", "test -n \"$ZEL_NODE\" && test -n \"$ZEL_JOB\" && echo $ZEL_RANK/$ZEL_SIZE"});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.out, "0/1\n");
}

TEST(Zrun, TwoHundredRanksReturnNothing) {
  const auto done = zrun({"-n", "200", "/bin/true"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
}

TEST(Zrun, TheHighestExitStatusCounts) {
  EXPECT_EQ(zrun({"-n", "3", "sh", "-c", "exit $((ZEL_RANK==1?3:0))"}).status, 3);
  for (int round = 0; round < 10; ++round) {
    const auto done = zrun({"-n", "4", "sh", "-c", "sleep 0.2; exit $((ZEL_RANK+1))"});
    EXPECT_GE(done.status, 1) << done.err;  // whose failure is met first is the others' end, unless they had ended
  }
  EXPECT_EQ(zrun({"-n", "3", "--on-failure", "ignore", "sh", "-c", "exit $((ZEL_RANK*7))"}).status, 14);
}

TEST(Zrun, ADeathBySignalIs128PlusTheSignalAndOneLineSaysWho) {
  const auto done = zrun({"-n", "2", "sh", "-c", "test $ZEL_RANK = 0 && exec sleep 100; kill -SEGV $$"});
  EXPECT_EQ(done.status, 128 + SIGSEGV);
  ASSERT_EQ(lines_of(done.err).size(), done.err.find("share") == std::string::npos ? 1u : 2u) << done.err;
  EXPECT_NE(done.err.find("zrun: rank 1 (pid "), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("signal 11 (Segmentation fault)"), std::string::npos) << done.err;
}

TEST(Zrun, OthersAreEndedWithAGracePeriodWhenOneFails) {
  const auto done = zrun({"-n", "2", "--grace", "30", "sh", "-c",
                          "if [ $ZEL_RANK = 1 ]; then sleep 0.2; exit 5; fi; trap 'echo cleaned; exit 0' TERM; "
                          "while :; do sleep 0.05; done"});
  EXPECT_EQ(done.status, 5);
  EXPECT_EQ(done.out, "cleaned\n");
}

TEST(Zrun, WhoIgnoresTheGracePeriodIsKilled) {
  const auto done = zrun({"-n", "2", "--grace", "0.1", "sh", "-c",
                          "test $ZEL_RANK = 1 && exit 5; trap '' TERM; while :; do sleep 0.05; done"});
  EXPECT_EQ(done.status, 5);
}

TEST(Zrun, ATimeoutHasItsOwnStatus) {
  const auto done = zrun({"-n", "2", "--timeout", "0.2", "sleep", "100"});
  EXPECT_EQ(done.status, 124);
  EXPECT_NE(done.err.find("timeout"), std::string::npos) << done.err;
}

TEST(Zrun, StdinGoesToRankZeroByteForByte) {
  const std::string two_mib = random_bytes(2 << 20);
  const auto done = zrun({"-n", "2", "cat"}, two_mib);
  EXPECT_EQ(done.status, 0);
  EXPECT_TRUE(done.out == two_mib) << done.out.size();
}

TEST(Zrun, StdinGoesToAllOrAnotherOrNone) {
  const std::string megabyte = random_bytes(1 << 20);
  const auto all = zrun({"-n", "3", "--stdin", "all", "sh", "-c", "cksum"}, megabyte);
  const auto lines = lines_of(all.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), 1u);
  EXPECT_NE(lines[0].find("1048576"), std::string::npos);
  const auto second = zrun({"-n", "2", "--stdin", "1", "--tag-output", "wc", "-c"}, "12345");
  EXPECT_NE(second.out.find("[1] 5\n"), std::string::npos) << second.out;
  EXPECT_NE(second.out.find("[0] 0\n"), std::string::npos) << second.out;
  EXPECT_EQ(zrun({"--stdin", "none", "cat"}, "unwanted").out, "");
}

TEST(Zrun, ARankThatDoesNotReadStdinDoesNotHoldTheRun) {
  EXPECT_EQ(zrun({"-n", "2", "true"}, random_bytes(4 << 20)).status, 0);
  EXPECT_EQ(zrun({"-n", "1", "head", "-c", "10"}, random_bytes(4 << 20)).out.size(), 10u);
}

TEST(Zrun, AnInteractiveProgramIsFedAsItAsks) {
  Process shell({program("zrun"), "-n", "1", "sh", "-c", "printf 'name? '; read name; echo hello $name"},
                {.input = {}, .keep_stdin_open = true, .environment = {}, .directory = {}});
  ASSERT_TRUE(shell.wait_for_output("name? "));
  shell.write("world\n");
  ASSERT_TRUE(shell.wait_for_output("hello world\n"));
  EXPECT_EQ(shell.finish().status, 0);
}

TEST(Zrun, LinesOfDifferentRanksNeverMix) {
  const auto done = zrun({"-n", "8", "sh", "-c",
                          "i=0; while [ $i -lt 300 ]; do printf 'rank %s ' $ZEL_RANK; printf 'says line %s\\n' $i; "
                          "i=$((i+1)); done"});
  EXPECT_EQ(done.status, 0);
  std::map<int, int> next;
  for (const auto& line : lines_of(done.out)) {
    int rank = -1, number = -1;
    ASSERT_EQ(std::sscanf(line.c_str(), "rank %d says line %d", &rank, &number), 2) << line;
    EXPECT_EQ(number, next[rank]++) << "rank " << rank;
  }
  ASSERT_EQ(next.size(), 8u);
  for (const auto& [rank, count] : next) EXPECT_EQ(count, 300) << "rank " << rank;
}

TEST(Zrun, NothingIsLostAtExit) {
  const auto done = zrun({"-n", "4", "sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo; echo last >&2"});
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), 'x'), 1'200'000);
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 4);
  std::size_t lasts = 0;
  for (const auto& line : lines_of(done.err)) {
    if (line == "last") ++lasts;
  }
  EXPECT_EQ(lasts, 4u);
}

TEST(Zrun, BinaryOutputPassesUnharmed) {
  Folder folder;
  const std::string bytes = random_bytes(1 << 20);
  std::ofstream(folder / "in", std::ios::binary) << bytes;
  EXPECT_TRUE(zrun({"-n", "1", "cat", folder / "in"}).out == bytes);
}

TEST(Zrun, TagsSayWhichRankSpoke) {
  const auto done = zrun({"-n", "2", "--tag-output", "sh", "-c", "echo out; echo err >&2"});
  EXPECT_NE(done.out.find("[0] out\n"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("[1] out\n"), std::string::npos) << done.out;
  EXPECT_NE(done.err.find("err\n"), std::string::npos) << done.err;
}

TEST(Zrun, OutputGoesToAFilePerRankAndStream) {
  Folder folder;
  const auto done = zrun({"-n", "2", "--output", folder / "logs", "sh", "-c", "echo out $ZEL_RANK; echo err >&2"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(contents(folder / "logs/rank.000.out"), "out 0\n");
  EXPECT_EQ(contents(folder / "logs/rank.001.out"), "out 1\n");
  EXPECT_EQ(contents(folder / "logs/rank.001.err"), "err\n");
  EXPECT_EQ(zrun({"-n", "2", "--output", folder / "logs", "true"}).status, 0);
  EXPECT_EQ(contents(folder / "logs/rank.001.err"), "") << "left over from an earlier run";
}

TEST(Zrun, ARunEndsWhenNobodyReadsItsOutput) {
  const auto done = run({"sh", "-c", program("zrun") + " -n 2 yes | head -n 1"});
  EXPECT_EQ(done.out, "y\n");
  EXPECT_EQ(done.status, 0);
}

TEST(Zrun, SignalsAreForwarded) {
  for (const auto& [number, name] : std::map<int, std::string>{{SIGUSR1, "USR1"}, {SIGUSR2, "USR2"}, {SIGINT, "INT"}, {SIGTERM, "TERM"}}) {
    Process job({program("zrun"), "-n", "2", "sh", "-c",
                 "trap 'echo got; exit 0' " + name + "; echo ready; while :; do sleep 0.02; done"});
    ASSERT_TRUE(job.wait_for_output("ready\nready\n"));
    job.signal(number);
    const auto done = job.finish();
    EXPECT_EQ(done.status, 0) << name << done.err;
    EXPECT_EQ(done.out, "ready\nready\ngot\ngot\n") << name;
  }
}

TEST(Zrun, CtrlCEndsAProgramThatDoesNotCatchIt) {
  Process job({program("zrun"), "-n", "3", "sh", "-c", "echo ready; exec sleep 100"});
  ASSERT_TRUE(job.wait_for_output("ready\nready\nready\n"));
  job.signal(SIGINT);
  EXPECT_EQ(job.finish().status, 128 + SIGINT);
}

TEST(Zrun, ASecondCtrlCKillsWhoCatchesTheFirst) {
  Process job({program("zrun"), "-n", "2", "sh", "-c", "trap 'echo caught' INT; echo ready; while :; do sleep 0.02; done"});
  ASSERT_TRUE(job.wait_for_output("ready\nready\n"));
  job.signal(SIGINT);
  ASSERT_TRUE(job.wait_for_output("caught\ncaught\n"));
  job.signal(SIGINT);
  EXPECT_EQ(job.finish().status, 130);
}

char state_of(pid_t pid) {
  const std::string text = contents("/proc/" + std::to_string(pid) + "/stat");
  const auto at = text.rfind(')');
  return at == std::string::npos ? '?' : text[at + 2];
}

TEST(Zrun, StopAndContinueReachTheRanksAndZrunItself) {
  Process job({program("zrun"), "-n", "1", "sh", "-c", "echo pid $$ .; exec sleep 100"});
  ASSERT_TRUE(job.wait_for_output(" ."));
  const auto rank = static_cast<pid_t>(std::stoi(job.output().substr(4)));
  job.signal(SIGTSTP);
  EXPECT_TRUE(eventually([&] { return state_of(rank) == 'T' && state_of(job.pid()) == 'T'; })) << state_of(rank);
  job.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return state_of(rank) == 'S' && state_of(job.pid()) == 'S'; })) << state_of(rank);
  job.signal(SIGTERM);
  EXPECT_EQ(job.finish().status, 143);
}

TEST(Zrun, TheWorkingDirectoryAndVariablesArePassed) {
  Folder folder;
  const auto done = zrun({"--wdir", folder.path(), "-x", "COLOUR=blue", "sh", "-c", "pwd; echo $COLOUR"});
  EXPECT_EQ(done.out, folder.path() + "\nblue\n");
  EXPECT_EQ(zrun({"--wdir", "/no/such/place", "true"}).status, 125);
}

TEST(Zrun, WhatMakesNoSenseIsSaidInOneLineWithItsOwnStatus) {
  struct Case {
    std::vector<std::string> arguments;
    int status;
    std::string says;
  };
  const std::vector<Case> cases{{{"-n", "0", "true"}, 125, "-n"},
                                {{"-n", "x", "true"}, 125, "-n"},
                                {{"--bind-too", "core", "true"}, 125, "--bind-to"},
                                {{"-n", "2"}, 125, "program"},
                                {{"no-such-program"}, 127, "no-such-program"},
                                {{"./no/such/path"}, 127, "/no/such/path"},
                                {{"/etc/passwd"}, 126, "/etc/passwd"},
                                {{"/tmp"}, 126, "/tmp"},
                                {{"--cores-per-rank", "100000", "true"}, 125, "cores"}};
  for (const auto& wrong : cases) {
    const auto done = zrun(wrong.arguments);
    EXPECT_EQ(done.status, wrong.status) << done.err;
    EXPECT_EQ(lines_of(done.err).size(), 1u) << done.err;
    EXPECT_EQ(done.err.rfind("zrun: ", 0), 0u) << done.err;
    EXPECT_NE(done.err.find(wrong.says), std::string::npos) << done.err;
    EXPECT_EQ(done.out, "");
  }
}

TEST(Zrun, ACommandLineThatIsTooLongIsRefusedNotCutOff) {
  std::vector<std::string> many{"true"};
  many.resize(70'000, "x");
  const auto done = zrun(std::move(many));
  EXPECT_EQ(done.status, 125);
  EXPECT_NE(done.err.find("too long"), std::string::npos) << done.err;
}

TEST(Zrun, ACurrentDirectoryThatIsGoneIsNotReplacedByAnother) {
  const auto done = run({"sh", "-c", "d=$(mktemp -d) && cd $d && rmdir $d && " + program("zrun") + " pwd"});
  EXPECT_EQ(done.status, 125);
  EXPECT_EQ(done.out, "");
}

TEST(Zrun, ALimitOnFilesDoesNotEndTheNode) {
  const auto done = run({"sh", "-c", "ulimit -f 100; " + program("zrun") + " -n 2 echo fine"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "fine\nfine\n");
}

TEST(Zrun, NothingRunsAnyMoreWhenItReturns) {
  const std::string mark = "left." + std::to_string(::getpid());
  Process::Options options;
  options.environment = {{"ZEL_TEST_MARK", mark}};
  EXPECT_EQ(Process({program("zrun"), "-n", "2", "true"}, std::move(options)).finish().status, 0);
  EXPECT_TRUE(processes_with("ZEL_TEST_MARK=" + mark).empty());
}

TEST(Zrun, AnInterruptBeforeAnythingRunsEndsItAllTheSame) {
  for (int delay_ms = 0; delay_ms < 20; ++delay_ms) {
    const std::string mark = "early." + std::to_string(::getpid()) + "." + std::to_string(delay_ms);
    Process::Options options;
    options.environment = {{"ZEL_TEST_MARK", mark}};
    Process job({program("zrun"), "-q", "-n", "2", "sleep", "100"}, std::move(options));
    const auto at = std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms);
    eventually([&] { return std::chrono::steady_clock::now() >= at; });
    ::kill(-job.pid(), SIGINT);  // as the terminal does it: to the whole group
    EXPECT_EQ(job.finish().status, 130) << "after " << delay_ms << " ms";
    EXPECT_TRUE(eventually([&] { return processes_with("ZEL_TEST_MARK=" + mark).empty(); }, 1000ms));
  }
}

TEST(Zrun, AFileThatIsNoProgramIsReported) {
  Folder folder;
  std::ofstream(folder / "broken") << "\x7f" "ELF, but not really";
  std::filesystem::permissions(folder / "broken", std::filesystem::perms::owner_all);
  const auto done = zrun({"-n", "2", folder / "broken"});
  EXPECT_EQ(done.status, 126);
  EXPECT_NE(done.err.find("cannot execute " + (folder / "broken") + ": Exec format error"), std::string::npos) << done.err;
}

TEST(Zrun, TheReportSaysWhatHappenedToEachRank) {
  Folder folder;
  const auto done = zrun({"-n", "2", "--json", folder / "report.json", "sh", "-c", "exit $((ZEL_RANK*4))"});
  EXPECT_EQ(done.status, 4);
  const auto report = nlohmann::json::parse(contents(folder / "report.json"));
  EXPECT_EQ(report.at("exit_status"), 4);
  ASSERT_EQ(report.at("ranks").size(), 2u);
  EXPECT_EQ(report.at("ranks")[1].at("exit_code"), 4);
  EXPECT_GT(report.at("ranks")[1].at("pid"), 0);
  EXPECT_NE(report.at("cause").get<std::string>().find("rank 1"), std::string::npos);
}

TEST(Zrun, ADryRunPlansAndStartsNothing) {
  Folder folder;
  const auto done = zrun({"-n", "1", "--dry-run", "touch", folder / "touched"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("core"), std::string::npos) << done.out;
  EXPECT_FALSE(std::filesystem::exists(folder / "touched"));
}

TEST(Zrun, RanksAreBoundWhileCoresLastAndToldTheirThreads) {
  const auto bound = zrun({"-n", "1", "sh", "-c", "grep Cpus_allowed_list /proc/self/status; echo $OMP_NUM_THREADS"});
  EXPECT_EQ(bound.out.find('-'), std::string::npos) << bound.out;
  EXPECT_EQ(lines_of(bound.out).at(1), "1");
  EXPECT_EQ(zrun({"-x", "OMP_NUM_THREADS=7", "sh", "-c", "echo $OMP_NUM_THREADS"}).out, "7\n");
  const auto crowded = zrun({"-n", "300", "true"});
  EXPECT_EQ(crowded.status, 0);
  EXPECT_EQ(lines_of(crowded.err).size(), 1u) << crowded.err;
  EXPECT_NE(crowded.err.find("300 ranks share"), std::string::npos) << crowded.err;
}

TEST(Zrun, AnOuterLaunchersVariablesDoNotReachTheRanks) {
  Process::Options options;
  options.environment = {{"PMI_RANK", "3"}, {"PMIX_NAMESPACE", "x"}, {"ZEL_RANK", "9"}};
  const auto done = Process({program("zrun"), "-n", "1", "env"}, std::move(options)).finish();
  EXPECT_EQ(done.out.find("PMI"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("ZEL_RANK=0\n"), std::string::npos);
}

TEST(Zrun, ARunInsideARunWorks) {
  const auto done = zrun({"-n", "2", program("zrun"), "-n", "2", "sh", "-c", "echo $ZEL_RANK of $ZEL_SIZE"});
  EXPECT_EQ(done.status, 0) << done.err;
  auto lines = lines_of(done.out);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, (std::vector<std::string>{"0 of 2", "0 of 2", "1 of 2", "1 of 2"}));
}

TEST(Zrun, ABackgroundRunIsNotStoppedByTheTerminal) {
  // script(1) gives the shell a terminal; the run is put into the background of it.
  if (run({"sh", "-c", "command -v script"}).status != 0) GTEST_SKIP() << "needs script(1), of bsdutils";
  const auto done = run({"script", "-qec", "bash -ic '" + program("zrun") + " -n 1 echo from the background & wait $!; echo status $?'",
                         "/dev/null"});
  EXPECT_NE(done.out.find("from the background"), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("status 0"), std::string::npos) << done.out;
}

TEST(Zrun, HelpAndVersionAreAnswers) {
  EXPECT_NE(zrun({"--help"}).out.find("Usage"), std::string::npos);
  EXPECT_EQ(zrun({"--help"}).status, 0);
  EXPECT_NE(zrun({"--version"}).out.find("zrun "), std::string::npos);
}

}  // namespace
}  // namespace zel::test
