// Why: see idle_phase.hpp. Thirty seconds: whatever backs off has backed off.
#include "tests/system/idle_phase.hpp"

namespace zel::test {
namespace {

TEST(IdleWorkersLong, CostNothingWhileOneComputes) { expect_idle_workers_cost_nothing(30); }

}  // namespace
}  // namespace zel::test
