// Why: only wires: options, the job, the count, the report. Every rank parses the same command line and ends
// with the same status; rank 0 alone prints.
#include <chrono>
#include <cstdio>
#include <variant>
#include <zel/job.hpp>
#include <zel/task.hpp>

#include "options.hpp"
#include "report.hpp"
#include "subtrees.hpp"

namespace {

using Clock = std::chrono::steady_clock;

void print(std::FILE* stream, const std::string& text) { std::fputs(text.c_str(), stream); }

uts::Result count(const uts::Tree& tree) {
  const auto started = Clock::now();
  const uts::Tally tally = uts::count_all(tree);
  const std::chrono::duration<double> elapsed = Clock::now() - started;
  return {.tree = tree, .tally = tally, .seconds = elapsed.count(), .sequential = true};
}

uts::Result count_together(zel::Job& job, const uts::Tree& tree) {
  // The clock starts when everyone is here: efficiency is about the work, not about starting processes.
  job.membership().wait_closed();
  zel::ComputeReport cost;
  const auto started = Clock::now();
  const uts::Tally tally = zel::compute(job, uts::Subtrees{tree, {uts::root_of(tree)}}, &cost);
  const std::chrono::duration<double> elapsed = Clock::now() - started;
  return {.tree = tree,
          .tally = tally,
          .seconds = elapsed.count(),
          .workers = static_cast<int>(cost.workers.size()),
          .efficiency = cost.efficiency()};
}

int run(zel::Job& job, const uts::Options& options) {
  const bool first = job.rank() == 0;
  if (options.sequential && !first) return 0;
  const uts::Result result = options.sequential ? count(options.tree) : count_together(job, options.tree);
  if (!first) return 0;
  print(stdout, options.json ? uts::json_report(result) : uts::text_report(result));
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    zel::Job job;
    const auto parsed = uts::parse_options(argc, argv);
    if (const auto* notice = std::get_if<uts::Notice>(&parsed)) {
      if (job.rank() == 0) print(notice->status == 0 ? stdout : stderr, notice->text);
      return notice->status;
    }
    return run(job, std::get<uts::Options>(parsed));
  } catch (const std::exception& error) {
    print(stderr, std::string("uts: ") + error.what() + "\n");
    return 1;
  }
}
