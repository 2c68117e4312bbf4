#include "zrun/output_writer.hpp"

#include <fcntl.h>
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

output::MergerOptions merger_options(const Options& options) {
  output::MergerOptions merging;
  merging.ranks = options.ranks;
  merging.tags = options.tag_output;
  merging.one_terminal = same_file(1, 2);
  merging.to_files = !options.output_directory.empty();
  return merging;
}

}  // namespace

OutputWriter::OutputWriter(const Options& options) : options_(options), merger_(merger_options(options)) {}

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
      (write.sink == output::Sink::out ? out_ : err_).push(std::move(write.bytes), std::move(write.credits));
    }
  }
  for (Sink* sink : {&out_, &err_}) {
    const int error = sink->write_ready(credits_);
    if (error == EPIPE) return base::fail(base::Errc::peer_gone, "");
    if (error != 0) {
      return base::fail_errno(sink == &out_ ? "cannot write to standard output" : "cannot write to standard error",
                              error);
    }
  }
  return {};
}

base::Result<void> OutputWriter::write_file(const output::Write& write) {
  const std::string path =
      options_.output_directory + "/" + output::file_name(write.rank, options_.ranks, write.stream);
  base::UniqueFd& file = files_[{write.rank, write.stream}];
  if (!file) file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  std::size_t done = 0;
  while (file && done < write.bytes.size()) {
    const ssize_t put = ::write(file.get(), write.bytes.data() + done, write.bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return base::fail_errno("cannot write " + path, errno);
    done += static_cast<std::size_t>(put);
  }
  if (!file) return base::fail_errno("cannot create " + path, errno);
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
