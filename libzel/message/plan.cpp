// Why: see plan.hpp.
#include "libzel/message/plan.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace zel::message {
namespace {

using Use = Transfer::Use;

std::size_t index(int position) { return static_cast<std::size_t>(position); }
Transfer whole(int peer, Use use = Use::place) { return {peer, 0, 1, use}; }
Transfer block(int peer, int which) { return {peer, index(which), index(which) + 1, Use::place}; }
Step send_step(Transfer what) { return {{what}, {}}; }
Step receive_step(Transfer what) { return {{}, {what}}; }

void append(Plan& plan, Plan more) {
  plan.blocks = std::max(plan.blocks, more.blocks);
  std::move(more.steps.begin(), more.steps.end(), std::back_inserter(plan.steps));
}

/// The group shrunk to a power of two: of the first pairs only the odd one goes on, with the even one's value. For
/// ranges of positions to stay in order each survivor stands for neighbours.
struct Folded {
  explicit Folded(Place place) {
    while (power * 2 <= place.size) power *= 2;
    rest = place.size - power;
    if (place.position >= 2 * rest) folded = place.position - rest;
    else if (place.position % 2 == 1) folded = place.position / 2;
  }
  int unfold(int position) const { return position < rest ? 2 * position + 1 : position + rest; }

  int power = 1;
  int rest = 0;
  std::optional<int> folded;  // nothing: this one waits for its neighbour
};

/// `inner` between survivors, and what the others do before and after it.
Plan fold(Place place, const Folded& folded, std::size_t blocks, std::vector<Step> inner) {
  Plan plan{blocks, {}};
  const bool paired = place.position < 2 * folded.rest;
  if (paired && place.position % 2 == 0) {
    plan.steps = {send_step({place.position + 1, 0, blocks, Use::place}),
                  receive_step({place.position + 1, 0, blocks, Use::place})};
    return plan;
  }
  if (paired) plan.steps.push_back(receive_step({place.position - 1, 0, blocks, Use::left}));
  std::move(inner.begin(), inner.end(), std::back_inserter(plan.steps));
  if (paired) plan.steps.push_back(send_step({place.position - 1, 0, blocks, Use::place}));
  return plan;
}

}  // namespace

namespace flat {

Plan barrier(Place place) {
  Plan plan = gather(place, 0);
  append(plan, broadcast(place, 0));
  plan.blocks = 1;
  for (Step& step : plan.steps) {
    for (auto* transfers : {&step.sends, &step.receives}) {
      for (Transfer& transfer : *transfers) transfer.first = transfer.last = 0;
    }
  }
  return plan;
}

Plan broadcast(Place place, int root) {
  if (place.position != root) return {1, {receive_step(whole(root))}};
  Plan plan{1, {{}}};
  for (int peer = 0; peer < place.size; ++peer) {
    if (peer != root) plan.steps[0].sends.push_back(whole(peer));
  }
  return plan;
}

Plan reduce(Place place, int root) {
  if (place.position != root) return {1, {send_step(whole(root))}};
  Plan plan{1, {{}}};
  for (int peer = root - 1; peer >= 0; --peer) plan.steps[0].receives.push_back(whole(peer, Use::left));
  for (int peer = root + 1; peer < place.size; ++peer) plan.steps[0].receives.push_back(whole(peer, Use::right));
  return plan;
}

Plan allreduce(Place place) {
  Plan plan = reduce(place, 0);
  append(plan, broadcast(place, 0));
  return plan;
}

Plan gather(Place place, int root) {
  Plan plan{index(place.size), {{}}};
  if (place.position != root) {
    plan.steps[0].sends.push_back(block(root, place.position));
    return plan;
  }
  for (int peer = 0; peer < place.size; ++peer) {
    if (peer != root) plan.steps[0].receives.push_back(block(peer, peer));
  }
  return plan;
}

Plan scatter(Place place, int root) {
  Plan plan = gather(place, root);
  for (Step& step : plan.steps) std::swap(step.sends, step.receives);
  return plan;
}

Plan allgather(Place place) {
  Plan plan = gather(place, 0);
  Plan out = broadcast(place, 0);
  for (Step& step : out.steps) {
    for (auto* transfers : {&step.sends, &step.receives}) {
      for (Transfer& transfer : *transfers) transfer.last = index(place.size);
    }
  }
  append(plan, std::move(out));
  return plan;
}

Plan alltoall(Place place) {
  Plan plan{index(place.size), {{}}};
  for (int distance = 1; distance < place.size; ++distance) {
    const int to = (place.position + distance) % place.size;
    const int from = (place.position - distance + place.size) % place.size;
    plan.steps[0].sends.push_back(block(to, to));
    plan.steps[0].receives.push_back(block(from, from));
  }
  return plan;
}

}  // namespace flat

namespace tree {

Plan barrier(Place place) {
  Plan plan;
  for (int distance = 1; distance < place.size; distance *= 2) {
    const int to = (place.position + distance) % place.size;
    const int from = (place.position - distance + place.size) % place.size;
    plan.steps.push_back({{{to, 0, 0, Use::place}}, {{from, 0, 0, Use::place}}});
  }
  return plan;
}

Plan broadcast(Place place, int root, std::size_t pieces) {
  const int own = (place.position - root + place.size) % place.size;  // counted from the root
  const auto real = [&](int virtual_position) { return (virtual_position + root) % place.size; };
  int reach = 1;  // the lowest bit of `own`: below it are this one's children
  while (reach < place.size && (own & reach) == 0) reach *= 2;
  Plan plan{pieces, {}};
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    if (own != 0) plan.steps.push_back(receive_step({real(own - reach), piece, piece + 1, Use::place}));
    Step sends;
    for (int child = reach / 2; child > 0; child /= 2) {
      if (own + child < place.size) sends.sends.push_back({real(own + child), piece, piece + 1, Use::place});
    }
    if (!sends.sends.empty()) plan.steps.push_back(std::move(sends));
  }
  return plan;
}

Plan reduce(Place place, int root) {
  // Towards position 0, so that each has a range of neighbours; then to the root.
  Plan plan;
  for (int bit = 1; bit < place.size; bit *= 2) {
    if (place.position & bit) {
      plan.steps.push_back(send_step(whole(place.position - bit)));
      break;
    }
    if (place.position + bit < place.size) plan.steps.push_back(receive_step(whole(place.position + bit, Use::right)));
  }
  if (root == 0) return plan;
  if (place.position == 0) plan.steps.push_back(send_step(whole(root)));
  if (place.position == root) plan.steps.push_back(receive_step(whole(0)));
  return plan;
}

Plan allreduce(Place place) {
  const Folded folded(place);
  std::vector<Step> inner;
  for (int bit = 1; folded.folded && bit < folded.power; bit *= 2) {
    const int other = *folded.folded ^ bit;
    const Use use = other < *folded.folded ? Use::left : Use::right;
    const int peer = folded.unfold(other);
    inner.push_back({{whole(peer)}, {whole(peer, use)}});
  }
  return fold(place, folded, 1, std::move(inner));
}

Plan allgather(Place place) {
  Plan plan = flat::gather(place, 0);
  Plan out = broadcast(place, 0, 1);
  for (Step& step : out.steps) {
    for (auto* transfers : {&step.sends, &step.receives}) {
      for (Transfer& transfer : *transfers) transfer.last = index(place.size);
    }
  }
  append(plan, std::move(out));
  return plan;
}

}  // namespace tree

namespace wide {

Plan allreduce(Place place) {
  const Folded folded(place);
  const auto blocks = index(folded.power);
  std::vector<Step> inner, back;
  std::size_t first = 0, last = blocks;  // what this one still combines
  for (int bit = 1; folded.folded && bit < folded.power; bit *= 2) {
    const int other = *folded.folded ^ bit;
    const int peer = folded.unfold(other);
    const std::size_t middle = first + (last - first) / 2;
    const bool lower = (*folded.folded & bit) == 0;
    const Transfer kept{peer, lower ? first : middle, lower ? middle : last, lower ? Use::right : Use::left};
    const Transfer given{peer, lower ? middle : first, lower ? last : middle, Use::place};
    inner.push_back({{given}, {kept}});
    Transfer whole_again = kept;
    whole_again.use = Use::place;
    back.push_back({{whole_again}, {given}});
    first = kept.first;
    last = kept.last;
  }
  std::move(back.rbegin(), back.rend(), std::back_inserter(inner));
  return fold(place, folded, blocks, std::move(inner));
}

Plan allgather(Place place) {
  const int n = place.size;
  Plan plan{index(n), {}};
  for (int round = 0; round + 1 < n; ++round) {
    const int given = (place.position - round + n) % n;
    const int taken = (place.position - round - 1 + 2 * n) % n;
    plan.steps.push_back({{block((place.position + 1) % n, given)}, {block((place.position - 1 + n) % n, taken)}});
  }
  return plan;
}

Plan alltoall(Place place) {
  const Plan all = flat::alltoall(place);
  Plan plan{all.blocks, {}};
  for (std::size_t at = 0; at < all.steps[0].sends.size(); ++at) {
    plan.steps.push_back({{all.steps[0].sends[at]}, {all.steps[0].receives[at]}});
  }
  return plan;
}

}  // namespace wide

}  // namespace zel::message
