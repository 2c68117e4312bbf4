// Why: a rank that found nobody to steal from waits at a few fixed others, its lifelines, and sends nothing
// more. The graph of who waits at whom must be connected, so that work reaches everybody, and have few edges,
// so that waiting is cheap: rank i of m waits at i+1, i+2, i+4, … (mod m): ⌈log2 m⌉ edges, any two ranks at
// most ⌈log2 m⌉ apart. (Saraswat et al., "Lifeline-based global load balancing", PPoPP 2011.)
#pragma once

#include <vector>

namespace zel::task {

/// At whom `rank` waits, given the ranks that are present (ascending, `rank` among them). Pure.
std::vector<int> lifelines_of(int rank, const std::vector<int>& present);

}  // namespace zel::task
