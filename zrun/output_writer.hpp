// Why: the merge decides what is written where; this does the writing: to zrun's own two outputs without ever
// waiting for them, or to one file per rank and stream.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "wire/run.hpp"
#include "zrun/options.hpp"
#include "zrun/output/merger.hpp"
#include "zrun/sink.hpp"

namespace zel::zrun {

class OutputWriter {
 public:
  explicit OutputWriter(const Options& options);

  /// Makes the files of --output, empty, one for each rank and stream: what an earlier run left is gone, and
  /// what cannot be written shows before anything starts. Raises this process's limit of open files.
  base::Result<void> open_files();
  /// False when the node broke the protocol.
  [[nodiscard]] bool on_data(const wire::run::Output& output, base::Time now);
  [[nodiscard]] bool on_end(const wire::run::OutputEnd& end, base::Time now);
  /// Text of zrun's own, before any rank's.
  void print(wire::run::Stream stream, const std::string& text);
  /// A line of zrun's own on stderr.
  void notice(const std::string& line, base::Time now);
  /// No more will come from any rank.
  void end_all(base::Time now) { merger_.end_all(now); }

  /// Writes what is due and goes without waiting. An error: writing further is useless, the text says why
  /// (empty when the reader merely closed, as head does).
  base::Result<void> turn(base::Time now);
  /// The descriptor to watch for writing, or -1.
  int pending_fd(wire::run::Stream stream) const;
  bool pending() const { return out_.pending() || err_.pending(); }
  base::Time next_deadline() const { return merger_.next_deadline(); }
  /// What has been written since the last call, to be told to the node.
  std::vector<wire::run::OutputCredit> take_credits() { return std::exchange(credits_, {}); }

 private:
  Sink& sink_of(output::Sink sink);
  std::string path_of(std::uint32_t rank, wire::run::Stream stream) const;
  base::Result<void> write_file(const zrun::output::Write& write);

  const Options& options_;
  const bool one_terminal_;
  output::Merger merger_;
  Sink out_{1};
  Sink err_{2};
  std::map<std::pair<std::uint32_t, wire::run::Stream>, base::UniqueFd> files_;
  std::vector<wire::run::OutputCredit> credits_;
};

/// Makes the folder of --output if it is not there.
base::Result<void> make_output_directory(const std::string& path);

}  // namespace zel::zrun
