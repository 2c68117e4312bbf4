// Why: what each rank sends and receives in a collective operation is a matter of arithmetic: a plan, made from the
// group's size and this rank's position alone, the same way everywhere, so that what one sends the other expects.
//
// A buffer is cut into blocks (one; one per position; or pieces to pipeline). A step's transfers happen together; the
// next step begins when they are over. Whatever is combined keeps the order of positions, so that an operation need
// not be commutative: position p's value always stands left of p+1's.
#pragma once

#include <cstddef>
#include <vector>

namespace zel::message {

struct Transfer {
  /// Of what is received: where it goes.
  enum class Use { place, left, right };  // as it is; as left or right operand beside what is there

  int peer = 0;           // position in the group
  std::size_t first = 0;  // blocks first … last-1
  std::size_t last = 0;
  Use use = Use::place;
};

struct Step {
  std::vector<Transfer> sends{};
  std::vector<Transfer> receives{};  // combined in this order
};

struct Plan {
  std::size_t blocks = 1;
  std::vector<Step> steps{};
};

/// Who takes part: `size` members, this one at `position`.
struct Place {
  int position = 0;
  int size = 1;
};

/// Each member talks to one: fewest messages and wake-ups; best with few cores and little data. A root of 0 if not
/// said otherwise.
namespace flat {
Plan barrier(Place place);
Plan broadcast(Place place, int root);
Plan reduce(Place place, int root);
Plan allreduce(Place place);
Plan gather(Place place, int root);   // block p from position p
Plan scatter(Place place, int root);  // block p to position p
Plan allgather(Place place);
Plan alltoall(Place place);  // block p of the sender's to position p, into block (sender) there
}  // namespace flat

/// In about log2(size) steps.
namespace tree {
Plan barrier(Place place);  // dissemination
/// In `pieces` blocks, one behind the other.
Plan broadcast(Place place, int root, std::size_t pieces);
Plan reduce(Place place, int root);
Plan allreduce(Place place);  // recursive doubling
Plan allgather(Place place);  // gathered at 0, broadcast from there
}  // namespace tree

/// Each byte moves as seldom as possible: for much data.
namespace wide {
Plan allreduce(Place place);  // Rabenseifner: halves, quarters …, combined, and together again
Plan allgather(Place place);  // ring
Plan alltoall(Place place);   // pairwise
}  // namespace wide

}  // namespace zel::message
