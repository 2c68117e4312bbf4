// Why: tests of many nodes start real ones on the loopback interface, ask them what they know and kill them as
// they please. All of it lives in one temporary directory and ends with the object.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace zel::test {

class NodeGroup {
 public:
  struct Options {
    int cores_each = 1;
    std::string preset = "local";
    std::vector<std::string> more;  // further words for every `zeld start`
  };

  /// Starts `count` nodes named n0, n1, …; each but the first is told the address of the first. Waits until all
  /// of them listen. Check started().
  explicit NodeGroup(int count);
  NodeGroup(int count, Options options);
  ~NodeGroup();
  NodeGroup(const NodeGroup&) = delete;
  NodeGroup& operator=(const NodeGroup&) = delete;

  bool started() const { return started_; }
  int size() const { return static_cast<int>(nodes_.size()); }
  /// Adds one more node and waits until it listens; false if it does not.
  bool add(std::vector<std::string> more = {});
  /// Adds one that listens nowhere, and waits until it answers zeld; false if it does not.
  bool add_shut();
  std::string directory(int node) const;
  std::string address(int node) const { return nodes_[static_cast<std::size_t>(node)].address; }
  std::string log(int node) const;
  pid_t pid(int node) const { return nodes_[static_cast<std::size_t>(node)].process->pid(); }
  void signal(int node, int number) const;
  /// Kills it with -9 and waits for its end.
  void kill(int node);
  bool is_running(int node) const { return nodes_[static_cast<std::size_t>(node)].running; }
  /// Ends it with SIGTERM; its exit status.
  int stop(int node);

  /// `zeld COMMAND --json` at this node; null when it fails.
  nlohmann::json ask(int node, const std::string& command) const;
  /// By name, what this node says of the state of each node it knows.
  std::map<std::string, std::string> states(int node) const;
  /// Whether every running node holds every running node alive (itself is "self").
  bool all_see_all() const;
  /// Whether no core of any running node is in use.
  bool all_idle() const;

  /// `zrun --node <node> words…`
  Finished zrun(int node, std::vector<std::string> words, std::chrono::milliseconds limit = 60s) const;
  std::vector<std::string> zrun_words(int node, std::vector<std::string> words) const;
  const std::string& temporary() const { return temporary_; }

 private:
  struct Node {
    std::unique_ptr<Process> process;
    std::string address;
    bool running = true;
  };
  bool start(std::vector<std::string> more, const std::string& listen = "127.0.0.1:0");
  bool wait_until_listening(int node);

  Options options_;
  std::string temporary_;
  std::vector<Node> nodes_;
  bool started_ = false;
};

}  // namespace zel::test
