// Why: system tests start real programs, feed them, read them and bound every wait; and they must be able to
// say that nothing of a run is left.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"

namespace zel::test {

using namespace std::chrono_literals;

/// The path of a program of this build.
std::string program(const std::string& name);

struct Finished {
  int status = -1;  // exit code, or 128 + signal
  std::string out;
  std::string err;
};

/// One child process with its three streams on pipes.
class Process {
 public:
  struct Options {
    std::string input;                               // written to stdin, then closed
    bool keep_stdin_open = false;                    // instead: see write()
    std::map<std::string, std::string> environment;  // added
    std::string directory;
  };

  explicit Process(std::vector<std::string> arguments);
  Process(std::vector<std::string> arguments, Options options);
  ~Process();  // kills what still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  void write(const std::string& text);
  void close_stdin() { stdin_.reset(); }
  /// Reads stdout until `text` has been seen, bounded; false if it ended or time was up.
  bool wait_for_output(const std::string& text, std::chrono::milliseconds limit = 20s);
  const std::string& output() const { return out_; }
  /// Waits for the end and reads everything; kills it and says so in `err` when time is up.
  Finished finish(std::chrono::milliseconds limit = 30s);

 private:
  void pump(std::chrono::steady_clock::time_point deadline, const std::function<bool()>& enough);

  pid_t pid_ = -1;
  base::UniqueFd stdin_, stdout_, stderr_;
  std::string unwritten_;
  bool keep_stdin_open_ = false;
  std::string out_, err_;
};

/// Starts, feeds, waits.
Finished run(std::vector<std::string> arguments, std::string input = {});

/// Polls until the condition holds; false when time is up.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit = 20s);

/// Pids of all processes whose environment holds NAME=value: how a test marks a run and finds what is left.
std::vector<pid_t> processes_with(const std::string& assignment);
bool is_alive(pid_t pid);

}  // namespace zel::test
