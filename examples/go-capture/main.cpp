// Why: only wires: options, the job, the computation, the report. Every rank parses the same command line and
// ends with the same status; rank 0 alone reads files and prints.
#include <chrono>
#include <cstdio>
#include <variant>
#include <zel/job.hpp>
#include <zel/task.hpp>

#include "diagram.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "tasks.hpp"

namespace {

constexpr int usage_status = 2;

void print(std::FILE* stream, const std::string& text) { std::fputs(text.c_str(), stream); }

/// What rank 0 has everyone work on; prints why if there is nothing.
capture::RootTask root_task(const capture::Options& options) {
  capture::RootTask root{true, options.position, options.mode, options.table_mib};
  if (!options.position_file) return root;
  const auto& [board, to_move, suicide, black, white] = options.position;
  const auto read = capture::read_diagram(*options.position_file, to_move, suicide);
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    print(stderr, "go-capture: " + *wrong + "\n");
    return {};
  }
  root.position = std::get<capture::Position>(read);
  return root;
}

int run(zel::Job& job, const capture::Options& options) {
  const bool first = job.rank() == 0;
  const capture::RootTask root = first ? root_task(options) : capture::RootTask{};
  if (first && root.accepted) capture::Progress::of_process().enable();
  // The clock starts when everyone is here: efficiency is about the work, not about starting processes.
  job.membership().wait_closed();
  const auto started = std::chrono::steady_clock::now();
  zel::ComputeReport cost;
  const capture::Findings findings = zel::compute(job, root, &cost);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  capture::Progress::of_process().finish();
  if (!findings.accepted) return usage_status;
  if (!first) return 0;

  const capture::Result result{
      .position = root.position,
      .start = options.position_file ? capture::print_diagram(root.position, "/")
                                     : std::string(capture::name_of(options.start)),
      .mode = options.mode,
      .first_moves = findings.first_moves,
      .seconds = elapsed.count(),
      .workers = static_cast<int>(cost.workers.size()),
      .efficiency = cost.efficiency(),
  };
  print(stdout, options.json ? capture::json_report(result) : capture::text_report(result));
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    zel::Job job;
    const auto parsed = capture::parse_options(argc, argv);
    if (const auto* notice = std::get_if<capture::Notice>(&parsed)) {
      if (job.rank() == 0) print(notice->status == 0 ? stdout : stderr, notice->text);
      return notice->status;
    }
    return run(job, std::get<capture::Options>(parsed));
  } catch (const std::exception& error) {
    print(stderr, std::string("go-capture: ") + error.what() + "\n");
    return 1;
  }
}
