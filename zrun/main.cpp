// zrun: the launcher. Only wiring.
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "zrun/options.hpp"
#include "zrun/program.hpp"
#include "zrun/running_node.hpp"
#include "zrun/session.hpp"
#include "zrun/submission.hpp"
#include "zrun/this_host.hpp"

extern char** environ;

namespace {

using namespace zel::zrun;

std::vector<std::string> environment_list() {
  std::vector<std::string> list;
  for (char** entry = environ; *entry; ++entry) list.emplace_back(*entry);
  return list;
}

int complain(const zel::base::Error& error) {
  std::fprintf(stderr, "zrun: %s\n", error.text.c_str());
  return exit_status_of(error.code);
}

/// Descriptors 0, 1 and 2 exist, whatever we were started with; the rest is not for the node or the ranks.
void tidy_descriptors() {
  while (true) {
    const int fd = ::open("/dev/null", O_RDWR);
    if (fd < 0 || fd > 2) {
      if (fd > 2) ::close(fd);
      break;
    }
  }
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

int run(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  auto submission = make_submission(options);
  if (!submission) return complain(submission.error());
  if (!options.output_directory.empty()) {
    if (auto made = make_output_directory(options.output_directory); !made) return complain(made.error());
  }
  // Before anything starts: a report that cannot be written must not cost a run.
  std::ofstream report;
  if (!options.json_file.empty()) {
    report.open(options.json_file);
    if (!report) return complain({zel::base::Errc::bad_option, "--json " + options.json_file + ": cannot write there"});
  }

  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t forwarded = Session::forwarded_signals();
  ::sigprocmask(SIG_BLOCK, &forwarded, nullptr);
  zel::base::UniqueFd signals(::signalfd(-1, &forwarded, SFD_CLOEXEC | SFD_NONBLOCK));

  auto node = find_node(options.node);
  if (!node) return complain(node.error());
  if (node->is_private()) {
    if (const auto unmet = unmet_by(this_host(), submission->requirements)) {
      return complain({zel::base::Errc::bad_option, *unmet + ": no node runs here, and this machine alone is not what is "
                                                       "asked for; start a node with 'zeld start', or leave the option out"});
    }
    forget_other_nodes(*submission);
  }
  Session session(options, submission->program, std::move(*node), std::move(signals));
  const int exit_status = session.run(*submission);
  if (report.is_open()) {
    const std::chrono::duration<double> ran = std::chrono::steady_clock::now() - begin;
    report << json_report(session.record(), ran.count()) << std::flush;
    if (!report) return complain({zel::base::Errc::system, "--json " + options.json_file + ": cannot write there"});
  }
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  tidy_descriptors();
  const auto options = parse(std::vector<std::string>(argv, argv + argc), environment_list());
  if (!options) {
    std::fputs(options.error().text.c_str(), options.error().exit_status == 0 ? stdout : stderr);
    return options.error().exit_status;
  }
  return run(*options);
}
