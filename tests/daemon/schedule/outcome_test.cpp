// Why: what a user reads at the end of a search.
#include "daemon/schedule/outcome.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using wire::schedule::Metric;

TEST(Outcome, countsAreInWords) {
  EXPECT_EQ(count_of_cores(1), "1 core");
  EXPECT_EQ(count_of_cores(0), "0 cores");
}

TEST(Outcome, theSummarySaysHowFarItWent) {
  const Ring ring{.radius = 4ms, .hops = 1};
  EXPECT_EQ(summary_text(1, 17, Metric::latency, ring, 120ms),
            "1 round, 17 nodes answered, radius 4 ms, 0.12 s");
  EXPECT_EQ(summary_text(3, 1, Metric::hops, ring, 1s), "3 rounds, 1 node answered, 1 hop, 1.00 s");
  EXPECT_EQ(summary_text(1, 0, Metric::neighbours, ring, 0s),
            "1 round, 0 nodes answered, neighbours only, 0.00 s");
  EXPECT_EQ(summary_text(2, 2, Metric::latency, Ring{.radius = 10s, .widest = true}, 1s),
            "2 rounds, 2 nodes answered, any distance, 1.00 s");
}

TEST(Outcome, aFailureSaysWhatIsMissingAndWhatToDo) {
  auto w = wanted(10);
  w.cores_per_rank = 2;
  EXPECT_EQ(failure_text(w, 3, 4, "unused", 2s),
            "6 of 20 cores found: 4 nodes answered within 2 s; start more nodes, ask for fewer ranks, or "
            "share cores "
            "with --oversubscribe");
  w.oversubscribe = true;
  w.requirements.labels = {"gpu=true"};
  EXPECT_EQ(failure_text(w, 0, 4, "4 of 4: excluded", 2s),
            "0 of 20 cores found: 4 nodes answered within 2 s; why not (4 of 4: excluded); start more nodes, "
            "ask for "
            "fewer ranks, ask for less of each node");
}

}  // namespace
}  // namespace zel::schedule
