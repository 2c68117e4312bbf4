// Why: one list of what is right, for the plain recursion and for the tasks (OEIS A000170).
#pragma once

#include <array>
#include <cstdint>

namespace nqueens::test {

/// By the size of the board.
inline constexpr std::array<std::uint64_t, 16> solutions{1,  1,   0,   0,    2,     10,    4,      40,
                                                         92, 352, 724, 2680, 14200, 73712, 365596, 2279184};

}  // namespace nqueens::test
