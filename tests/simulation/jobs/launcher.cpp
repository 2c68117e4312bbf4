#include "tests/simulation/jobs/launcher.hpp"

#include <signal.h>

#include <algorithm>

#include "tests/simulation/jobs/cluster.hpp"
#include "tests/simulation/jobs/pattern.hpp"

namespace zel::simulation::jobs {

Launcher::Launcher(Cluster& cluster, JobRecord& job, daemon::LauncherNumber number, base::Random random)
    : cluster_(cluster), job_(job), number_(number), random_(random), slow_(random_.chance(0.1)) {}

std::string Launcher::who() const { return "the launcher of " + name_of(job_.id); }
void Launcher::fail(const std::string& what) const { throw Violation(who() + " " + what); }

void Launcher::say(wire::run::ToNode message, double most_ms) {
  if (gone_ || forgotten_) return;
  const std::int64_t now = cluster_.clock.now_ns();
  said_ns_ = std::max(said_ns_, now + static_cast<std::int64_t>(random_.unit() * most_ms * 1e6));
  cluster_.clock.after(said_ns_ - now, [this, message = std::move(message)] {
    cluster_.local(job_.primary, job_.primary_life, [this, message](Node& node, base::Time at) {
      if (!gone_ && !node.on_launcher(number_, message, at)) fail("is taken for one that talks nonsense");
    });
  });
}

void Launcher::begin() {
  cluster_.note(job_.primary, "is given " + name_of(job_.id) + ", ranks " + std::to_string(job_.submit.ranks));
  say(job_.submit, 0);
}

void Launcher::kill() {
  if (done()) return;
  job_.disturbed = true;
  say(wire::run::Kill{});
}

void Launcher::signal(int number) {
  if (done()) return;
  if (number == SIGTERM || number == SIGINT) job_.disturbed = true;
  say(wire::run::Signal{number});
}

void Launcher::kill_by_name() {
  if (done() || !job_.planned) return;
  job_.disturbed = true;
  cluster_.kill_by_name(job_.primary, job_.planned->job);
}

void Launcher::vanish() {
  if (gone_) return;
  cluster_.note(job_.primary, who() + " vanishes");
  job_.disturbed = true;
  gone_ = true;
  if (job_.over_ns < 0) job_.over_ns = cluster_.clock.now_ns();
  cluster_.local(job_.primary, job_.primary_life, [this](Node& node, base::Time now) { node.on_launcher_gone(number_, now); });
}

void Launcher::on_node_gone() {
  gone_ = true;
  job_.disturbed = true;
  if (job_.over_ns < 0) job_.over_ns = cluster_.clock.now_ns();
}

void Launcher::on_forget() {
  if (gone_) return;
  if (!last_word_) fail("is forgotten without a last word");
  forgotten_ = true;
  // The node has closed the connection; so does zrun.
  cluster_.clock.after(ms_ns, [this] {
    gone_ = true;
    cluster_.local(job_.primary, job_.primary_life, [this](Node& node, base::Time now) { node.on_launcher_gone(number_, now); });
  });
}

void Launcher::on_message(const wire::run::ToLauncher& message) {
  const auto* planned = std::get_if<wire::run::Planned>(&message);
  if (planned) cluster_.book.on_planned(job_, *planned);
  if (gone_) return;  // nobody reads it
  if (last_word_) fail("is told more after the last word");
  if (planned) {
    cluster_.note(job_.primary, name_of(job_.id) + " is planned, hosts " + std::to_string(planned->hosts.size()));
    if (job_.submit.stdin_to != wire::run::StdinTo::no_rank && random_.chance(0.3)) feed();
  } else if (const auto* started = std::get_if<wire::run::Started>(&message)) {
    if (!job_.planned || started->rank >= job_.ranks.size() || !job_.ranks[started->rank].started) fail("is told of a rank that was not started");
    if (!started_.insert(started->rank).second) fail("is told twice that rank " + std::to_string(started->rank) + " started");
  } else if (const auto* exited = std::get_if<wire::run::Exited>(&message)) {
    hear_exit(*exited);
  } else if (const auto* output = std::get_if<wire::run::Output>(&message)) {
    hear(*output);
  } else if (const auto* end = std::get_if<wire::run::OutputEnd>(&message)) {
    hear(*end);
  } else if (const auto* credit = std::get_if<wire::run::StdinCredit>(&message)) {
    stdin_credited_ += credit->bytes;
    if (stdin_credited_ > stdin_sent_) fail("gets more credit for stdin than it sent");
  } else if (std::holds_alternative<wire::run::StdinClosed>(message)) {
    if (std::exchange(stdin_closed_, true)) fail("is told twice that stdin is closed");
  } else if (const auto* refused = std::get_if<wire::run::Refused>(&message)) {
    last_word(refused->exit_status, refused->text, false);
  } else if (const auto* ended = std::get_if<wire::run::Ended>(&message)) {
    last_word(ended->exit_status, ended->cause, true);
  }
}

void Launcher::hear_exit(const wire::run::Exited& exited) {
  if (!started_.contains(exited.rank)) fail("is told of the exit of a rank that was not started");
  if (!exited_.insert(exited.rank).second) fail("is told twice that rank " + std::to_string(exited.rank) + " exited");
}

void Launcher::hear(const wire::run::Output& output) {
  const std::string which = "stream " + std::to_string(static_cast<int>(output.stream)) + " of rank " + std::to_string(output.rank);
  if (output.rank >= job_.ranks.size()) fail("gets output of no rank");
  Stream& stream = streams_[{output.rank, output.stream}];
  if (stream.ended) fail("gets output after the end of " + which);
  if (!belongs_at(output_stream(output.rank, static_cast<std::uint32_t>(output.stream)), stream.received, output.bytes)) {
    fail("gets output out of order, in " + which + " after byte " + std::to_string(stream.received));
  }
  stream.received += output.bytes.size();
  if (stream.received - stream.credited > wire::run::output_window_bytes(job_.submit.ranks)) fail("gets more than the window of " + which);
  stream.credited += output.bytes.size();
  say(wire::run::OutputCredit{output.rank, output.stream, static_cast<std::uint32_t>(output.bytes.size())}, slow_ ? 1000 : 20);
}

void Launcher::hear(const wire::run::OutputEnd& end) {
  if (end.rank >= job_.ranks.size()) fail("hears of the end of no rank's stream");
  if (std::exchange(streams_[{end.rank, end.stream}].ended, true)) fail("hears twice of the end of a stream of rank " + std::to_string(end.rank));
}

void Launcher::last_word(int status, const std::string& cause, bool ran) {
  if (ran != job_.planned.has_value()) fail(ran ? "is told of the end of a job that was not planned" : "is refused after the plan");
  cluster_.note(job_.primary, name_of(job_.id) + (ran ? " ended, " : " is refused, ") + std::to_string(status) + ": " + cause);
  last_word_ = true;
  job_.over_ns = cluster_.clock.now_ns();
  cluster_.book.check_log(job_);
  if (ran) check_end(status, cause);
}

void Launcher::check_end(int status, const std::string& cause) const {
  if (status == 0 && !cause.empty()) fail("is told a cause of no failure: " + cause);
  if (!cluster_.setup().calm || job_.submit.dry_run) return;
  int highest = 0;
  for (std::uint32_t number = 0; number < job_.ranks.size(); ++number) {
    const RankRecord& rank = job_.ranks[number];
    if (rank.runs) fail("is told that all is over while rank " + std::to_string(number) + " runs");
    if (rank.ended_by_itself) highest = std::max(highest, rank.status);
    for (const std::uint32_t which : {0u, 1u}) {
      const auto stream = streams_.find({number, static_cast<wire::run::Stream>(which)});
      if (stream == streams_.end() || !stream->second.ended) fail("is not told of the end of a stream of rank " + std::to_string(number));
      if (stream->second.received != rank.written[which]) fail("misses output of rank " + std::to_string(number));
    }
  }
  if (job_.disturbed || job_.submit.timeout_ms != 0) return;
  if (status != highest) {
    fail("is told status " + std::to_string(status) + ", the ranks say " + std::to_string(highest) + ": " + cause);
  }
}

void Launcher::feed() {
  const std::uint64_t room = wire::run::stdin_window_bytes - (stdin_sent_ - stdin_credited_);
  const std::uint64_t bytes = std::min<std::uint64_t>(room, 1 + random_.below(40'000));
  if (stdin_closed_ || done()) return;
  if (bytes > 0) {
    say(wire::run::StdinData{piece_of(stdin_stream, stdin_sent_, bytes)});
    stdin_sent_ += bytes;
  }
  if (random_.chance(0.3)) return say(wire::run::StdinEnd{});
  cluster_.clock.after(static_cast<std::int64_t>(random_.unit() * 5e8), [this] { feed(); });
}

}  // namespace zel::simulation::jobs
