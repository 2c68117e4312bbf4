#include "zrun/session.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "zrun/program.hpp"

namespace zel::zrun {

namespace {

// How long a node that was told to kill may take before zrun leaves it to itself (it kills all the same).
constexpr auto kill_patience = std::chrono::seconds(10);
constexpr auto leave_patience = std::chrono::seconds(1);
constexpr auto foreground_check = std::chrono::seconds(1);
constexpr auto send_limit = std::chrono::seconds(10);

base::Time now() { return std::chrono::steady_clock::now(); }

int milliseconds_until(base::Time deadline) {
  if (deadline == base::never) return -1;
  const auto left = std::max(deadline - now(), base::Duration::zero());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace

sigset_t Session::forwarded_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2}) sigaddset(&set, number);
  return set;
}

Session::Session(const Options& options, const std::string& program, NodeProcess node, base::UniqueFd signals)
    : options_(options),
      node_(std::move(node)),
      channel_(std::move(node_.connection)),
      signals_(std::move(signals)),
      stdin_(options.stdin_to != wire::run::StdinTo::no_rank && !options.dry_run),
      output_(options),
      record_(program, options.arguments) {}

int Session::run(const wire::run::Submit& submit) {
  if (auto opened = output_.open_files(); !opened) {
    end(exit_status::own_failure, opened.error().text);
  } else {
    if (node_.is_private()) say_what_has_no_effect();
    send(submit);
  }
  [[maybe_unused]] const auto sent = channel_.flush();  // what is left, and a failure, show in the first turn
  while (!exit_status_) turn();
  output_.end_all(now());
  if (!cause_.empty()) say(cause_);
  do {
    turn();
  } while (output_.pending() && !output_abandoned_);
  leave_node();
  return *exit_status_;
}

/// Nothing of ours runs any more when we return: a private node ends when we let go of it. It has said that its job
/// is over, so this takes a moment; if it does not, it is left to end by itself.
void Session::leave_node() {
  channel_.close();
  if (!node_.is_private()) return;
  const base::Time deadline = now() + leave_patience;
  while (::waitpid(node_.pid, nullptr, WNOHANG) == 0 && now() < deadline) ::poll(nullptr, 0, 1);
}

/// Waits for the next thing to happen and deals with it.
void Session::turn() {
  const bool running = !exit_status_;
  base::Time deadline = std::min(output_.next_deadline(), give_up_at_);
  if (!running) deadline = output_.pending() ? base::never : now();
  if (stdin_.is_waiting_for_foreground()) deadline = std::min(deadline, now() + foreground_check);
  std::array<pollfd, 5> entries{{{running ? channel_.fd() : -1, POLLIN, 0},
                                 {signals_.get(), POLLIN, 0},
                                 {running && stdin_.watch() ? 0 : -1, POLLIN, 0},
                                 {output_.pending_fd(wire::run::Stream::out), POLLOUT, 0},
                                 {output_.pending_fd(wire::run::Stream::err), POLLOUT, 0}}};
  if (channel_.queued_bytes() > 0) entries[0].events |= POLLOUT;
  if (::poll(entries.data(), entries.size(), milliseconds_until(deadline)) < 0 && errno != EINTR) {
    return end(exit_status::own_failure, "cannot wait for events");
  }
  if (entries[1].revents != 0) read_signals();
  if (entries[0].revents != 0) read_node();
  if (entries[2].revents != 0) read_stdin();
  if (auto written = output_.turn(now()); !written) stop_writing(written.error().text);
  for (const auto& credit : output_.take_credits()) send(credit);
  // The node's end shows when it is read from.
  [[maybe_unused]] const auto flushed = channel_.flush();
  if (now() >= give_up_at_ && !exit_status_) end(exit_status::interrupted, node_text() + " does not answer; left it to end the ranks by itself");
}

void Session::send(const wire::run::ToNode& message) { channel_.push(wire::run::encode(message)); }

void Session::say(const std::string& line) { output_.notice(line, now()); }

void Session::end(int exit_status, const std::string& cause) {
  exit_status_ = exit_status;
  cause_ = cause;
  record_.on(wire::run::Ended{exit_status, cause});
}

void Session::read_node() {
  const auto more = channel_.fill();
  for (;;) {
    const auto bytes = channel_.next();
    if (!bytes) return end(exit_status::own_failure, "the node sent what is no message: " + bytes.error().text);
    if (!bytes->has_value()) break;
    const auto message = wire::run::decode_to_launcher(**bytes);
    if (!message) return end(exit_status::own_failure, "the node sent what is no message");
    handle(*message);
    if (exit_status_) return;
  }
  if (!more || !*more) {
    end(exit_status::own_failure, node_text() + " ended unexpectedly; its ranks were killed");
  }
}

void Session::handle(const wire::run::ToLauncher& message) {
  using namespace wire::run;
  if (const auto* output = std::get_if<Output>(&message)) {
    if (!output_.on_data(*output, now())) end(exit_status::own_failure, "the node sent output nobody asked for");
  } else if (const auto* closed = std::get_if<OutputEnd>(&message)) {
    if (!output_.on_end(*closed, now())) end(exit_status::own_failure, "the node ended a stream twice");
  } else if (const auto* started = std::get_if<Started>(&message)) {
    record_.on(*started);
  } else if (const auto* exited = std::get_if<Exited>(&message)) {
    record_.on(*exited);
  } else if (const auto* planned = std::get_if<Planned>(&message)) {
    handle_planned(*planned);
  } else if (const auto* credit = std::get_if<StdinCredit>(&message)) {
    stdin_.add_credit(credit->bytes);
  } else if (std::holds_alternative<StdinClosed>(message)) {
    stdin_.close();
  } else if (const auto* notice = std::get_if<Notice>(&message)) {
    say(notice->text);
  } else if (const auto* explained = std::get_if<Explained>(&message)) {
    output_.print(Stream::err, explained_table(*explained));
  } else if (const auto* paths = std::get_if<PathReport>(&message)) {
    handle_paths(*paths);
  } else if (const auto* ended = std::get_if<Ended>(&message)) {
    end(ended->exit_status, ended->cause);
  } else if (const auto* refused = std::get_if<Refused>(&message)) {
    end(refused->exit_status, refused->text);
  }
}

std::string Session::node_text() const {
  if (node_.is_private()) return "the node of this run (zel-private, pid " + std::to_string(node_.pid) + ")";
  return "the node in " + node_.directory;
}

/// A private node has no others: what was said about them is not kept silently.
void Session::say_what_has_no_effect() {
  if (options_.explain) say("one private node runs all ranks; no other node was asked ('zeld start' starts one that has others)");
  if (options_.about_nodes.empty() || options_.quiet) return;
  std::string names;
  for (const auto& name : options_.about_nodes) names += (names.empty() ? "" : ", ") + name;
  say("no node runs here, so this run has this machine only; without effect: " + names + " ('zeld start' starts a node)");
}

void Session::handle_planned(const wire::run::Planned& planned) {
  const auto on_no_host = [&](const wire::run::RankPlan& rank) { return rank.host >= planned.hosts.size(); };
  if (planned.ranks.size() != options_.ranks || std::any_of(planned.ranks.begin(), planned.ranks.end(), on_no_host)) {
    return end(exit_status::own_failure, "the node sent a plan that is none");
  }
  record_.on(planned);
  stdin_.add_credit(wire::run::stdin_window_bytes);  // from here on there are pipes to take it
  if (options_.dry_run || options_.report_bindings) {
    const std::string table = bindings_table(planned);
    // A dry run's plan is its result; beside a running program it is a remark.
    output_.print(options_.dry_run ? wire::run::Stream::out : wire::run::Stream::err, table);
  }
  if (!planned.notice.empty() && !options_.quiet) say(planned.notice);
}

void Session::handle_paths(const wire::run::PathReport& paths) {
  const auto on_no_host = [&](const wire::run::PathRow& row) { return std::max(row.host, row.other) >= record_.planned().hosts.size(); };
  if (std::any_of(paths.rows.begin(), paths.rows.end(), on_no_host)) {
    return end(exit_status::own_failure, "the node sent a report about hosts that are none");
  }
  record_.on(paths);
  if (options_.report_paths) output_.print(wire::run::Stream::err, paths_table(record_.planned(), paths));
}

void Session::read_signals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    on_signal(static_cast<int>(info.ssi_signo));
  }
}

void Session::on_signal(int number) {
  if (exit_status_) {  // only a slow reader of our output keeps us
    output_abandoned_ = output_abandoned_ || number == SIGINT || number == SIGTERM;
    return;
  }
  if (number == SIGINT && interrupted_) {
    if (!killed_) send(wire::run::Kill{});
    killed_ = true;
    give_up_at_ = std::min(give_up_at_, now() + kill_patience);
    return;
  }
  send(wire::run::Signal{number});
  if (number == SIGINT) {
    interrupted_ = true;
    if (::isatty(2) == 1 && !options_.quiet) say("sent SIGINT to the ranks; press Ctrl-C again to kill them");
  } else if (number == SIGTSTP) {
    // First the ranks, then ourselves; the shell continues us with SIGCONT, which arrives here too.
    [[maybe_unused]] const auto sent = channel_.flush_within(send_limit);
    ::raise(SIGSTOP);
  }
}

void Session::read_stdin() {
  base::Bytes bytes = stdin_.read();
  if (!bytes.empty()) send(wire::run::StdinData{std::move(bytes)});
  if (stdin_.ended() && !stdin_end_sent_) {
    stdin_end_sent_ = true;
    send(wire::run::StdinEnd{});
  }
}

/// Nobody reads our output any more (`zrun … | head`), or the disk is full: there is no use in going on.
void Session::stop_writing(const std::string& why) {
  if (output_abandoned_) return;
  output_abandoned_ = true;
  if (!exit_status_) end(why.empty() ? 128 + SIGPIPE : exit_status::own_failure, "");
  if (!why.empty()) std::fprintf(stderr, "zrun: %s\n", why.c_str());
}

}  // namespace zel::zrun
