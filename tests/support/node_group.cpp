#include "tests/support/node_group.hpp"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace zel::test {

namespace {

std::string make_temporary() {
  std::string path = "/tmp/zel-test-XXXXXX";
  return ::mkdtemp(path.data()) ? path : std::string();
}

}  // namespace

NodeGroup::NodeGroup(int count) : NodeGroup(count, Options()) {}

NodeGroup::NodeGroup(int count, Options options) : options_(std::move(options)), temporary_(make_temporary()) {
  if (temporary_.empty()) return;
  started_ = true;
  for (int node = 0; node < count && started_; ++node) {
    started_ = start({});
    // The others need the address of the first; they wait for nothing else.
    if (node == 0) started_ = started_ && wait_until_listening(0);
  }
  for (int node = 1; node < count && started_; ++node) started_ = wait_until_listening(node);
}

NodeGroup::~NodeGroup() {
  for (auto& node : nodes_) {
    if (!node.running) continue;
    node.process->signal(SIGCONT);
    node.process->signal(SIGTERM);
  }
  for (auto& node : nodes_) {
    if (node.running) node.process->finish(20s);
  }
  std::error_code error;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, error);
}

std::string NodeGroup::directory(int node) const { return temporary_ + "/n" + std::to_string(node); }

bool NodeGroup::start(std::vector<std::string> more, const std::string& listen) {
  const int node = size();
  std::vector<std::string> words{program("zeld"), "start", "--name", "n" + std::to_string(node), "--listen",
                                 listen, "--cores", std::to_string(options_.cores_each), "--runtime-dir",
                                 directory(node), "--preset", options_.preset, "--realm-key", temporary_ + "/realm.key",
                                 "--log-file", temporary_ + "/n" + std::to_string(node) + ".log"};
  if (node > 0) words.insert(words.end(), {"--peer", nodes_.front().address});
  words.insert(words.end(), options_.more.begin(), options_.more.end());
  words.insert(words.end(), more.begin(), more.end());
  Process::Options process;
  process.environment = {{"XDG_RUNTIME_DIR", temporary_}, {"XDG_CONFIG_HOME", temporary_}};
  nodes_.push_back({std::make_unique<Process>(std::move(words), std::move(process)), "", true});
  return true;
}

bool NodeGroup::add(std::vector<std::string> more) { return start(std::move(more)) && wait_until_listening(size() - 1); }

bool NodeGroup::add_shut() {
  const int node = size();
  return start({}, "none") && eventually([&] { return !is_alive(pid(node)) || ask(node, "status").is_object(); }) &&
         is_alive(pid(node));
}

bool NodeGroup::wait_until_listening(int node) {
  return eventually([&] {
    if (!is_alive(pid(node))) return true;  // the address stays empty
    const auto status = ask(node, "status");
    if (!status.is_object() || status.value("listens", nlohmann::json::array()).empty()) return false;
    nodes_[static_cast<std::size_t>(node)].address = status["listens"][0].get<std::string>();
    return true;
  }) && !address(node).empty();
}

std::string NodeGroup::log(int node) const {
  std::ifstream file(temporary_ + "/n" + std::to_string(node) + ".log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void NodeGroup::signal(int node, int number) const { nodes_[static_cast<std::size_t>(node)].process->signal(number); }

void NodeGroup::kill(int node) {
  signal(node, SIGKILL);
  nodes_[static_cast<std::size_t>(node)].process->finish(10s);
  nodes_[static_cast<std::size_t>(node)].running = false;
}

int NodeGroup::stop(int node) {
  signal(node, SIGTERM);
  nodes_[static_cast<std::size_t>(node)].running = false;
  return nodes_[static_cast<std::size_t>(node)].process->finish(20s).status;
}

nlohmann::json NodeGroup::ask(int node, const std::string& command) const {
  const auto answer = run({program("zeld"), command, "--json", "--runtime-dir", directory(node)});
  if (answer.status != 0) return nullptr;
  return nlohmann::json::parse(answer.out, nullptr, false);
}

std::map<std::string, std::string> NodeGroup::states(int node) const {
  std::map<std::string, std::string> states;
  const auto answer = ask(node, "nodes");
  if (!answer.is_object()) return states;
  for (const auto& line : answer["nodes"]) states[line["name"].get<std::string>()] = line["state"].get<std::string>();
  return states;
}

bool NodeGroup::all_see_all() const {
  for (int from = 0; from < size(); ++from) {
    if (!is_running(from)) continue;
    const auto seen = states(from);
    for (int to = 0; to < size(); ++to) {
      const auto found = seen.find("n" + std::to_string(to));
      if (is_running(to) && (found == seen.end() || (found->second != "alive" && found->second != "self"))) return false;
    }
  }
  return true;
}

bool NodeGroup::all_idle() const {
  for (int node = 0; node < size(); ++node) {
    if (!is_running(node)) continue;
    const auto status = ask(node, "status");
    if (!status.is_object() || status["cores_free"] != status["cores_total"]) return false;
  }
  return true;
}

std::vector<std::string> NodeGroup::zrun_words(int node, std::vector<std::string> words) const {
  words.insert(words.begin(), {program("zrun"), "--node", directory(node)});
  return words;
}

Finished NodeGroup::zrun(int node, std::vector<std::string> words, std::chrono::milliseconds limit) const {
  return Process(zrun_words(node, std::move(words))).finish(limit);
}

}  // namespace zel::test
