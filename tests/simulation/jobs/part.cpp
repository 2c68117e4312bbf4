#include "tests/simulation/jobs/part.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>

#include "tests/simulation/jobs/cluster.hpp"
#include "tests/simulation/jobs/pattern.hpp"

namespace zel::simulation::jobs {

namespace {

wire::run::Stream stream_of(std::uint32_t which) { return which == 0 ? wire::run::Stream::out : wire::run::Stream::err; }

}  // namespace

Part::Part(Cluster& cluster, JobRecord& job, NodeIndex host, base::Random random)
    : cluster_(cluster), job_(job), host_(host), life_(cluster.life(host)), random_(random), began_ns_(cluster.clock.now_ns()) {}

void Part::later(std::int64_t delay_ns, std::function<void()> call) {
  cluster_.clock.after(delay_ns, [part = weak_from_this(), call = std::move(call)] {
    if (const auto alive = part.lock()) call();
  });
}

void Part::keeper_says(wire::keeper::ToNode message) {
  said_ns_ = std::max(said_ns_, cluster_.clock.now_ns() + soon(3));
  later(said_ns_ - cluster_.clock.now_ns(), [this, message = std::move(message)] {
    cluster_.local(host_, life_, [id = job_.id, message](Node& node, base::Time now) { node.on_keeper(id, message, now); });
  });
}

void Part::carry_out(const job::HostAction& action) {
  if (forgotten_) throw Violation(name_of(job_.id) + ": more is to be done for a part that is forgotten");
  if (const auto* begin = std::get_if<job::StartRanks>(&action)) return start(*begin);
  if (std::holds_alternative<job::ForgetRanks>(action)) {
    for (const auto& [number, rank] : ranks_) {
      if (rank.state == State::running) throw Violation(name_of(job_.id) + ": rank " + std::to_string(number) + " runs when its host forgets it");
    }
    over();
    forgotten_ = true;
    return;
  }
  if (keeper_ == Keeper::none) return;
  if (const auto* keeper = std::get_if<job::ToKeeper>(&action)) {
    if (const auto* signal = std::get_if<wire::keeper::Signal>(&keeper->message)) {
      later(soon(3), [this, what = *signal] { on_signal(what); });
    } else if (keeper_ == Keeper::works && random_.chance(job_.habits.keeper_stuck)) {
      keeper_ = Keeper::stuck;
    } else {
      later(soon(100), [this] { sweep(); });
    }
  } else if (std::holds_alternative<job::KillKeeper>(action)) {
    later(0, [this] { lose_keeper(); });
  } else if (const auto* member = std::get_if<job::ToMember>(&action)) {
    const auto rank = ranks_.find(member->rank);
    if (rank == ranks_.end()) throw Violation(name_of(job_.id) + ": a message to a member of another host");
    if (rank->second.state == State::running && rank->second.member) rank->second.member->on_message(member->message);
  } else if (const auto* streams = std::get_if<job::ToStreams>(&action)) {
    if (const auto* credit = std::get_if<wire::run::OutputCredit>(&streams->message)) {
      const auto rank = ranks_.find(credit->rank);
      if (rank == ranks_.end()) throw Violation(name_of(job_.id) + ": credit for a rank of another host");
      const std::uint32_t which = credit->stream == wire::run::Stream::out ? 0 : 1;
      rank->second.output[which].credit += credit->bytes;
      later(0, [this, number = credit->rank, which] { pump(number, which); });
    } else if (const auto* data = std::get_if<wire::run::StdinData>(&streams->message)) {
      take_stdin(*data);
    }
  }
}

void Part::start(const job::StartRanks& start) {
  if (keeper_ != Keeper::none) throw Violation(name_of(job_.id) + " is started twice on one host");
  cluster_.note(host_, "starts " + std::to_string(start.ranks.size()) + " ranks of " + name_of(job_.id));
  cluster_.book.on_start(job_, host_, "n" + std::to_string(host_), cluster_.cores(host_), start.ranks);
  keeper_ = Keeper::works;
  const auto window = wire::run::output_window_bytes(start.size);
  for (const auto& spawn : start.ranks) {
    Rank& rank = ranks_[spawn.rank];
    rank.output[0].credit = rank.output[1].credit = window;
  }
  if (random_.chance(job_.habits.start_failing)) {
    keeper_ = Keeper::ended;
    job_.disturbed = true;
    for (auto& entry : ranks_) entry.second.state = State::ended;
    over();
    return later(0, [this] {
      cluster_.local(host_, life_, [id = job_.id](Node& node, base::Time now) { node.on_start_failed(id, "too few descriptors", now); });
    });
  }
  for (const auto& spawn : start.ranks) later(soon(30), [this, rank = spawn.rank] { this->spawn(rank); });
  if (random_.chance(job_.habits.keeper_dying)) {
    later(soon(job_.habits.longest_s * 1e3), [this] {
      if (keeper_ == Keeper::works) lose_keeper();
    });
  }
}

void Part::spawn(std::uint32_t number) {
  Rank& rank = ranks_.at(number);
  if (rank.state != State::waiting || (keeper_ != Keeper::works && keeper_ != Keeper::stuck)) return;
  if (random_.chance(job_.habits.spawn_failing)) {
    rank.state = State::ended;
    job_.ranks[number].ended_by_itself = true;
    job_.ranks[number].status = 127;
    keeper_says(wire::keeper::SpawnFailed{number, ENOENT, "execute"});
    return close(number);
  }
  rank.state = State::running;
  job_.ranks[number].runs = true;
  keeper_says(wire::keeper::Spawned{number, static_cast<std::int32_t>(1000 + number)});
  live(number);
}

/// What it will do, and when.
void Part::live(std::uint32_t number) {
  Rank& rank = ranks_.at(number);
  const Habits& habits = job_.habits;
  rank.endless = random_.chance(habits.endless);
  rank.deaf = random_.chance(habits.deaf);
  const std::int64_t length = soon(habits.longest_s * 1e3);
  for (std::uint32_t which = 0; which < 2; ++which) {
    const bool talks = random_.chance(habits.talkative);
    for (std::size_t count = random_.below(4); count > 0; --count) {
      const std::uint64_t bytes = talks ? random_.below(200'000) : random_.below(200);
      later(static_cast<std::int64_t>(random_.unit() * static_cast<double>(length)), [=, this] { write(number, which, bytes); });
    }
  }
  if (random_.chance(habits.members)) {
    rank.member = std::make_unique<Member>(job_, cluster_.book, number, random_.split(), [this, number](wire::member::ToNode message) {
      later(0, [this, number, message = std::move(message)] {
        cluster_.local(host_, life_, [id = job_.id, number, message](Node& node, base::Time now) {
          if (!node.on_member(id, number, message, now)) throw Violation(name_of(id) + ": a good message of a member is taken for a bad one");
        });
      });
    });
    later(soon(50), [this, number] { member_acts(number); });
  }
  if (rank.endless) return;
  const bool fails = random_.chance(habits.failing);
  const int code = fails && random_.chance(0.6) ? static_cast<int>(1 + random_.below(100)) : 0;
  const int signal = fails && code == 0 ? SIGSEGV : 0;
  later(length, [=, this] { end_rank(number, code, signal, false, true); });
}

void Part::member_acts(std::uint32_t number) {
  Rank& rank = ranks_.at(number);
  if (rank.state != State::running || !rank.member->act()) return;
  later(soon(rank.endless ? 2000 : 300), [this, number] { member_acts(number); });
}

void Part::write(std::uint32_t number, std::uint32_t which, std::uint64_t bytes) {
  if (ranks_.at(number).state != State::running) return;
  ranks_.at(number).output[which].written += bytes;
  job_.ranks[number].written[which] += bytes;
  pump(number, which);
}

void Part::end_rank(std::uint32_t number, int code, int signal, bool told, bool reported) {
  Rank& rank = ranks_.at(number);
  if (rank.state != State::running) return;
  rank.state = State::ended;
  job_.ranks[number].runs = false;
  if (reported) {
    if (!told) {
      job_.ranks[number].ended_by_itself = true;
      job_.ranks[number].status = signal != 0 ? 128 + signal : code;
    }
    keeper_says(wire::keeper::Exited{number, code, signal, 0, 0, 0, 0, told});
  }
  later(soon(5), [this, number] {
    cluster_.local(host_, life_, [id = job_.id, number](Node& node, base::Time now) { node.on_member_gone(id, number, now); });
  });
  close(number);
}

void Part::close(std::uint32_t number) {
  later(soon(5), [this, number] {
    ranks_.at(number).closed = true;
    for (const std::uint32_t which : {0u, 1u}) pump(number, which);
  });
}

/// What the window lets through, and the end once all is out.
void Part::pump(std::uint32_t number, std::uint32_t which) {
  Rank& rank = ranks_.at(number);
  Output& output = rank.output[which];
  while (output.sent < output.written && output.credit > 0) {
    const std::uint64_t bytes = std::min({output.written - output.sent, output.credit, std::uint64_t{wire::run::max_piece_bytes}});
    wire::run::Output piece{number, stream_of(which), piece_of(output_stream(number, which), output.sent, bytes)};
    output.sent += bytes;
    output.credit -= bytes;
    cluster_.local(host_, life_, [id = job_.id, piece](Node& node, base::Time now) { node.on_output(id, piece, now); });
  }
  if (!rank.closed || output.sent < output.written || std::exchange(output.said_end, true)) return;
  cluster_.local(host_, life_, [id = job_.id, number, which](Node& node, base::Time now) {
    node.on_output_end(id, number, stream_of(which), now);
  });
}

void Part::on_signal(const wire::keeper::Signal& signal) {
  const auto found = ranks_.find(signal.rank);
  if (found == ranks_.end()) throw Violation(name_of(job_.id) + ": a signal for a rank of another host");
  if (found->second.state != State::running || keeper_ != Keeper::works) return;
  const bool ends = signal.number == SIGKILL || ((signal.number == SIGTERM || signal.number == SIGINT) && !found->second.deaf);
  if (!ends) return;
  later(soon(50), [this, number = signal.number, rank = signal.rank] { end_rank(rank, 0, number, number == SIGTERM, true); });
}

void Part::sweep() {
  if (keeper_ != Keeper::works) return;
  keeper_ = Keeper::sweeps;
  for (auto& [number, rank] : ranks_) {
    if (rank.state == State::running) end_rank(number, 0, SIGKILL, true, true);
    if (rank.state != State::waiting) continue;
    rank.state = State::ended;
    close(number);
  }
  keeper_says(wire::keeper::Swept{0});
  keeper_ = Keeper::ended;
  over();
}

/// Killed, and with it its ranks; nobody reports their ends.
void Part::lose_keeper() {
  if (keeper_ == Keeper::ended) return;
  if (keeper_ == Keeper::works) job_.disturbed = true;
  keeper_ = Keeper::ended;
  for (auto& [number, rank] : ranks_) {
    end_rank(number, 0, SIGKILL, true, false);
    if (rank.state == State::waiting) {
      rank.state = State::ended;
      close(number);
    }
  }
  over();
  // What it said before lies in the socket, and is read first.
  later(std::max<std::int64_t>(0, said_ns_ - cluster_.clock.now_ns()) + soon(20), [this] {
    cluster_.local(host_, life_, [id = job_.id](Node& node, base::Time now) { node.on_keeper_gone(id, now); });
  });
}

void Part::take_stdin(const wire::run::StdinData& data) {
  if (!belongs_at(stdin_stream, stdin_bytes_, data.bytes)) {
    throw Violation(name_of(job_.id) + ": stdin is not what was sent, after byte " + std::to_string(stdin_bytes_));
  }
  stdin_bytes_ += data.bytes.size();
  later(soon(20), [this, bytes = static_cast<std::uint32_t>(data.bytes.size())] {
    cluster_.local(host_, life_, [id = job_.id, bytes](Node& node, base::Time now) { node.on_stdin_taken(id, bytes, now); });
  });
}

void Part::over() { cluster_.book.on_part_over(job_.id, host_); }

void Part::on_node_gone() {
  for (auto& [number, rank] : ranks_) {
    rank.state = State::ended;
    job_.ranks[number].runs = false;
  }
  over();
}

}  // namespace zel::simulation::jobs
