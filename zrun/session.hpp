// Why: one run, from the submission to the exit status. A poll loop over the node, the signals, stdin and
// zrun's own two outputs; what to do with output is decided by the merge, what to tell the user stands here.
#pragma once

#include <signal.h>

#include <optional>
#include <string>

#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "wire/channel.hpp"
#include "wire/run.hpp"
#include "zrun/node_process.hpp"
#include "zrun/options.hpp"
#include "zrun/output_writer.hpp"
#include "zrun/report.hpp"
#include "zrun/stdin_source.hpp"

namespace zel::zrun {

class Session {
 public:
  /// `program`: the absolute path of what is executed. `signals`: a signalfd for forwarded_signals(), which are blocked.
  Session(const Options& options, const std::string& program, NodeProcess node, base::UniqueFd signals);

  /// Runs the job to its end and returns its exit status. All output has been written then.
  int run(const wire::run::Submit& submit);
  /// What happened, for --json.
  const RunRecord& record() const { return record_; }

  /// The signals that are passed on to the ranks.
  static sigset_t forwarded_signals();

 private:
  void turn();
  void leave_node();
  void read_node();
  void handle(const wire::run::ToLauncher& message);
  void handle_paths(const wire::run::PathReport& paths);
  void handle_planned(const wire::run::Planned& planned);
  void say_what_has_no_effect();
  std::string node_text() const;
  void read_signals();
  void on_signal(int number);
  void read_stdin();
  void stop_writing(const std::string& why);
  void end(int exit_status, const std::string& cause);
  void send(const wire::run::ToNode& message);
  void say(const std::string& line);

  const Options& options_;
  NodeProcess node_;
  wire::Channel channel_;
  base::UniqueFd signals_;
  StdinSource stdin_;
  OutputWriter output_;
  RunRecord record_;
  std::optional<int> exit_status_;
  std::string cause_;
  bool interrupted_ = false;
  bool killed_ = false;
  bool stdin_end_sent_ = false;
  bool output_abandoned_ = false;
  base::Time give_up_at_ = base::never;
};

}  // namespace zel::zrun
