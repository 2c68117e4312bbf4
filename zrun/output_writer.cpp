#include "zrun/output_writer.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "zrun/output/file_name.hpp"

namespace zel::zrun {

namespace {

bool same_file(int left, int right) {
  struct stat a {}, b {};
  return ::fstat(left, &a) == 0 && ::fstat(right, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

output::MergerOptions merger_options(const Options& options, bool one_terminal) {
  output::MergerOptions merging;
  merging.ranks = options.ranks;
  merging.tags = options.tag_output;
  merging.one_terminal = one_terminal;
  merging.to_files = !options.output_directory.empty();
  return merging;
}

}  // namespace

OutputWriter::OutputWriter(const Options& options)
    : options_(options), one_terminal_(same_file(1, 2)), merger_(merger_options(options, one_terminal_)) {}

/// Two descriptors of one terminal or pipe are written through one queue, or their order would be lost.
Sink& OutputWriter::sink_of(output::Sink sink) { return sink == output::Sink::out || one_terminal_ ? out_ : err_; }

void OutputWriter::print(wire::run::Stream stream, const std::string& text) {
  const auto bytes = base::as_bytes(text);
  const auto sink = stream == wire::run::Stream::out ? output::Sink::out : output::Sink::err;
  sink_of(sink).push({bytes.begin(), bytes.end()}, {});
}

std::string OutputWriter::path_of(std::uint32_t rank, wire::run::Stream stream) const {
  return options_.output_directory + "/" + output::file_name(rank, options_.ranks, stream);
}

base::Result<void> OutputWriter::open_files() {
  if (options_.output_directory.empty() || options_.dry_run) return {};
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  for (std::uint32_t rank = 0; rank < options_.ranks; ++rank) {
    for (const auto stream : {wire::run::Stream::out, wire::run::Stream::err}) {
      const std::string path = path_of(rank, stream);
      base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
      if (!file) return base::fail_errno("--output: cannot create " + path, errno);
      files_[{rank, stream}] = std::move(file);
    }
  }
  return {};
}

bool OutputWriter::on_data(const wire::run::Output& output, base::Time now) {
  return merger_.on_data(output.rank, output.stream, output.bytes, now);
}

bool OutputWriter::on_end(const wire::run::OutputEnd& end, base::Time now) {
  return merger_.on_end(end.rank, end.stream, now);
}

void OutputWriter::notice(const std::string& line, base::Time now) { merger_.on_notice("zrun: " + line, now); }

int OutputWriter::pending_fd(wire::run::Stream stream) const {
  const Sink& sink = stream == wire::run::Stream::out ? out_ : err_;
  return sink.pending() ? sink.fd() : -1;
}

base::Result<void> OutputWriter::turn(base::Time now) {
  if (now >= merger_.next_deadline()) merger_.on_timer(now);
  for (auto& write : merger_.take_writes()) {
    if (write.sink == output::Sink::file) {
      if (auto written = write_file(write); !written) return written;
      credits_.insert(credits_.end(), write.credits.begin(), write.credits.end());
    } else {
      sink_of(write.sink).push(std::move(write.bytes), std::move(write.credits));
    }
  }
  const int err_error = err_.write_ready(credits_);
  const int out_error = out_.write_ready(credits_);
  const int error = out_error != 0 ? out_error : err_error;
  if (error == EPIPE) return base::fail(base::Errc::peer_gone, "");
  if (error != 0) {
    return base::fail_errno(out_error != 0 ? "cannot write to standard output" : "cannot write to standard error",
                            error);
  }
  return {};
}

base::Result<void> OutputWriter::write_file(const output::Write& write) {
  const base::UniqueFd& file = files_[{write.rank, write.stream}];
  std::size_t done = 0;
  while (done < write.bytes.size()) {
    const ssize_t put = ::write(file.get(), write.bytes.data() + done, write.bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return base::fail_errno("cannot write " + path_of(write.rank, write.stream), errno);
    done += static_cast<std::size_t>(put);
  }
  return {};
}

base::Result<void> make_output_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path)) {
    return base::fail(base::Errc::bad_option, "--output " + path + ": cannot make this folder" +
                                                  (error ? ": " + error.message() : ""));
  }
  return {};
}

}  // namespace zel::zrun
