// Why: see idle_phase.hpp. The short form of idle_long_test.cpp.
#include "tests/system/idle_phase.hpp"

namespace zel::test {
namespace {

TEST(IdleWorkers, CostNothingWhileOneComputes) { expect_idle_workers_cost_nothing(3); }

}  // namespace
}  // namespace zel::test
