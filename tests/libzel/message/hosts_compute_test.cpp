// Why: work stealing asks nothing of the way messages take, so it must work over several hosts as it does on one.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include "tests/libzel/message/hosts.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "zel/task.hpp"

namespace zel::test {
namespace {

using task::example::Fib;

TEST(HostsCompute, AllRanksOfAllHostsTakePart) {
  Hosts::Options options;
  options.host_of = {0, 1, 0, 1};
  EXPECT_TRUE(all_end_well(options, [](Job& job) {
    ComputeReport report;
    check(compute(job, Fib{31}, &report) == 1346269, "the result");
    check(compute(job, Fib{20}) == 6765, "and again");
    if (job.rank() != 0) return;
    check(report.workers.size() == 4, "a report of each");
    std::uint64_t far = 0;
    std::uint64_t all = 0;
    for (const auto& worker : report.workers) {
      all += worker.tasks;
      if (worker.rank % 2 == 1) far += worker.tasks;
    }
    check(all == task::example::fib_spawns(31), "each task once");
    check(far > 0, "the other host helped");
  }));
}

TEST(HostsCompute, AKilledRankCostsOnlyItsWork) {
  for (const int lost : {1, 2, 3}) {
    for (const std::uint64_t post : {2u, 5u, 9u}) {
      Hosts::Options options;
      options.host_of = {0, 1, 0, 1};
      options.on_post = [&](Hosts& hosts, int from, int, std::uint64_t before) {
        if (from == lost && before == post) hosts.kill(lost);
      };
      Hosts hosts(options, [](Job& job) { check(compute(job, Fib{30}) == 832040, "the result"); });
      const auto statuses = hosts.finish();
      for (int rank = 0; rank < 4; ++rank) {
        if (rank == lost) {
          EXPECT_TRUE(post > 2 || WIFSIGNALED(statuses[static_cast<std::size_t>(rank)])) << rank;
          continue;
        }
        EXPECT_EQ(statuses[static_cast<std::size_t>(rank)], 0) << rank << " without " << lost;
      }
    }
  }
}

}  // namespace
}  // namespace zel::test
