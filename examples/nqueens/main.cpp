// Why: a whole program of zel tasks on one screen or two: the task, the job, the report.
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <variant>
#include <zel/job.hpp>
#include <zel/task.hpp>

#include "board.hpp"
#include "options.hpp"

namespace nqueens {
namespace {

/// Fills the rows that are left. Each free square of the next row is a task, until few rows are left.
struct Count {
  Board board;
  std::uint8_t rows_alone = 0;

  std::uint64_t run() const {
    if (board.rows_left <= rows_alone) return count_solutions(board);
    zel::TaskGroup<Count> squares;
    for_each_free(board, [&](std::uint32_t square) { squares.spawn(Count{board.with(square), rows_alone}); });
    std::uint64_t solutions = 0;
    for (const std::uint64_t below : squares.sync()) solutions += below;
    return solutions;
  }
};

int run(zel::Job& job, const Options& options) {
  const bool first = job.rank() == 0;
  if (options.sequential && !first) return 0;
  const Board board = empty_board(options.size);
  if (!options.sequential) job.membership().wait_closed();
  zel::ComputeReport cost;
  const auto started = std::chrono::steady_clock::now();
  const std::uint64_t solutions =
      options.sequential
          ? count_solutions(board)
          : zel::compute(job, Count{board, static_cast<std::uint8_t>(options.rows_alone)}, &cost);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  if (!first) return 0;
  const std::size_t workers = options.sequential ? 1 : cost.workers.size();
  const double efficiency = options.sequential ? 1 : cost.efficiency();
  if (options.json) {
    const nlohmann::ordered_json object = {{"size", options.size},
                                           {"solutions", solutions},
                                           {"seconds", elapsed.count()},
                                           {"workers", workers},
                                           {"efficiency", efficiency}};
    std::printf("%s\n", object.dump().c_str());
  } else {
    std::printf("%d queens: %llu solutions\n%.3f s, %zu worker%s, efficiency %.1f %%\n", options.size,
                static_cast<unsigned long long>(solutions), elapsed.count(), workers, workers == 1 ? "" : "s",
                100 * efficiency);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace nqueens

int main(int argc, char** argv) {
  try {
    zel::Job job;
    const auto parsed = nqueens::parse_options(argc, argv);
    if (const auto* notice = std::get_if<nqueens::Notice>(&parsed)) {
      if (job.rank() == 0) std::fputs(notice->text.c_str(), notice->status == 0 ? stdout : stderr);
      return notice->status;
    }
    return nqueens::run(job, std::get<nqueens::Options>(parsed));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nqueens: %s\n", error.what());
    return 1;
  }
}
