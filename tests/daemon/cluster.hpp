// Why: whole nodes wired to one another in memory, with one clock and as much loss as a test wants. Ranks are
// pretended: what a node starts is said to run, what it sweeps is said to be gone.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "daemon/node.hpp"

namespace zel::daemon {

using namespace std::chrono_literals;

inline base::NodeId id_of(std::uint8_t number) {
  base::NodeId id;
  id.bytes.fill(number);
  return id;
}

/// What a node did for the ranks of its job.
struct Ranks {
  std::vector<wire::keeper::Spawn> running;
  std::vector<std::string> signals;  // "rank,number"
  std::map<std::uint32_t, std::string> told;  // by rank: what a member was told, a word each
  std::size_t posts = 0;      // told to members
  bool held = false;          // the members are not read
  bool swept = false;
  bool forgotten = false;
};

class Cluster {
 public:
  explicit Cluster(std::uint64_t seed = 1) : random_(seed) {}

  void add(std::uint8_t number, std::uint32_t cores, std::uint32_t configured = 0) {
    NodeSetup setup;
    setup.host = "n" + std::to_string(number);
    for (std::uint32_t core = 0; core < cores; ++core) setup.topology.hwthreads.push_back({core, 0, 0, core, 0});
    setup.job_names = number * 1000u;
    setup.seed = number;
    setup.peer.emplace();
    setup.peer->overlay.self.id = id_of(number);
    setup.peer->overlay.self.incarnation = 1000;
    setup.peer->overlay.self.name = setup.host;
    setup.peer->overlay.self.addresses = {{"10.0.0." + std::to_string(number), 7000}};
    setup.peer->overlay.config = overlay::Config::lan();
    if (number != 1) setup.peer->overlay.bootstrap = {{"10.0.0.1", 7000}};
    setup.peer->resources.cores = configured != 0 ? configured : cores;
    setup.peer->resources.architecture = "x86_64";
    setup.peer->resources.system = "Linux";
    nodes[number] = std::make_unique<Node>(std::move(setup), now);
  }

  static wire::run::Submit submission(std::uint32_t ranks) {
    wire::run::Submit submit;
    submit.ranks = ranks;
    submit.program = "/bin/app";
    submit.arguments = {"app"};
    submit.directory = "/";
    submit.wait_ms = 3000;
    return submit;
  }
  void submit(std::uint8_t number, LauncherNumber launcher, const wire::run::Submit& submit) {
    ASSERT_TRUE(nodes.at(number)->on_launcher(launcher, submit, now));
    run(2s);
  }

  void run(base::Duration duration) {
    const base::Time end = now + duration;
    for (settle(); now < end; settle()) {
      now += 5ms;
      for (auto& [number, node] : nodes) {
        if (!down.contains(number) && node->next_deadline() <= now) node->on_timer(now);
      }
    }
  }
  void settle() {
    bool quiet = false;
    for (int round = 0; round < 50 && !quiet; ++round) {
      quiet = true;
      for (auto& [number, node] : nodes) {
        if (down.contains(number)) continue;
        for (auto& action : node->take_actions(now)) {
          quiet = false;
          carry_out(number, action);
        }
      }
    }
  }

  /// Everything a launcher was told of this kind.
  template <class T>
  std::vector<T> told(std::uint8_t number, LauncherNumber launcher = 1) const {
    std::vector<T> found;
    const auto all = launchers.find({number, launcher});
    if (all == launchers.end()) return found;
    for (const auto& message : all->second) {
      if (const auto* wanted = std::get_if<T>(&message)) found.push_back(*wanted);
    }
    return found;
  }
  Ranks& ranks(std::uint8_t number, const JobId& job) { return parts[{number, job}]; }
  /// The job of the first launcher at node 1.
  static JobId job(LauncherNumber launcher = 1) { return {id_of(1), 1000 + launcher}; }

  void exit(std::uint8_t number, std::uint32_t rank, int code, int signal = 0) {
    nodes.at(number)->on_keeper(job(), wire::keeper::Exited{rank, code, signal, 0, 0, 0, 0, false}, now);
    end_output(number, rank);
  }
  void end_output(std::uint8_t number, std::uint32_t rank) {
    nodes.at(number)->on_output_end(job(), rank, wire::run::Stream::out, now);
    nodes.at(number)->on_output_end(job(), rank, wire::run::Stream::err, now);
  }

  base::Time now{1h};
  double loss = 0;                     // of segments of jobs
  std::set<std::uint8_t> down;         // neither hear, nor say, nor act
  std::set<std::uint8_t> stubborn;     // their keepers do not answer
  bool spawn = true;                   // ranks start when told to
  std::map<std::uint8_t, std::unique_ptr<Node>> nodes;
  std::map<std::pair<std::uint8_t, LauncherNumber>, std::vector<wire::run::ToLauncher>> launchers;
  std::map<std::pair<std::uint8_t, JobId>, Ranks> parts;
  std::map<std::uint8_t, std::string> logs;

 private:
  void deliver(std::uint8_t from, std::uint8_t to, const wire::node::Message& message) {
    if (down.contains(to) || !nodes.contains(to)) return;
    if (std::holds_alternative<wire::job::Segment>(message) && random_.chance(loss)) return;
    // As it would come over a link.
    const auto decoded = wire::node::decode(wire::node::encode(message));
    ASSERT_TRUE(decoded) << "a node sent what does not decode";
    nodes[to]->on_link_message(id_of(from), *decoded, now);
  }
  void carry_out(std::uint8_t number, Action& action) {
    if (auto* send = std::get_if<SendToNode>(&action)) deliver(number, send->to.id.bytes[0], send->message);
    if (auto* send = std::get_if<SendToAddress>(&action)) {
      deliver(number, static_cast<std::uint8_t>(std::stoi(send->to.host.substr(7))), send->message);
    }
    if (auto* said = std::get_if<ToLauncher>(&action)) launchers[{number, said->launcher}].push_back(said->message);
    if (auto* remark = std::get_if<Remark>(&action)) logs[number] += remark->text + "\n";
    if (auto* here = std::get_if<AtHost>(&action)) carry_out(number, here->job, here->action);
  }
  void carry_out(std::uint8_t number, const JobId& job, job::HostAction& action) {
    Node& node = *nodes.at(number);
    Ranks& part = ranks(number, job);
    if (auto* start = std::get_if<job::StartRanks>(&action)) {
      part.running = start->ranks;
      for (const auto& rank : start->ranks) {
        if (spawn) node.on_keeper(job, wire::keeper::Spawned{rank.rank, static_cast<int>(100 + rank.rank)}, now);
      }
    } else if (auto* keeper = std::get_if<job::ToKeeper>(&action)) {
      if (auto* signal = std::get_if<wire::keeper::Signal>(&keeper->message)) {
        part.signals.push_back(std::to_string(signal->rank) + "," + std::to_string(signal->number));
      } else if (!stubborn.contains(number)) {
        part.swept = true;
        node.on_keeper(job, wire::keeper::Swept{0}, now);
        for (const auto& rank : part.running) {
          node.on_output_end(job, rank.rank, wire::run::Stream::out, now);
          node.on_output_end(job, rank.rank, wire::run::Stream::err, now);
        }
      }
    } else if (std::holds_alternative<job::KillKeeper>(action)) {
      part.swept = true;
      node.on_keeper_gone(job, now);
    } else if (auto* member = std::get_if<job::ToMember>(&action)) {
      if (std::holds_alternative<wire::member::Post>(member->message)) ++part.posts;
      note(part.told[member->rank], member->message);
    } else if (auto* hold = std::get_if<job::HoldMembers>(&action)) {
      part.held = hold->held;
    } else if (std::holds_alternative<job::ForgetRanks>(action)) {
      part.forgotten = true;
    }
  }
  static void note(std::string& words, const wire::member::ToMember& message) {
    if (const auto* welcome = std::get_if<wire::member::Welcome>(&message)) {
      words += "welcome(" + std::to_string(welcome->local_rank) + "/" + std::to_string(welcome->local_size) + ") ";
    } else if (const auto* news = std::get_if<wire::member::Events>(&message)) {
      for (const auto& event : news->events) words += std::to_string(event.sequence) + " ";
    } else if (const auto* post = std::get_if<wire::member::Post>(&message)) {
      words += "post(" + std::to_string(post->peer) + ") ";
    } else if (std::holds_alternative<wire::member::Refused>(message)) {
      words += "refused ";
    } else {
      words += "credit ";
    }
  }

  base::Random random_;
};

}  // namespace zel::daemon
