// Why: what a node that runs several jobs answers to "place these ranks on the cores you granted": place()
// knows one job on one host, this knows what else runs there.
#pragma once

#include <cstdint>

#include "daemon/deploy/core_book.hpp"
#include "daemon/deploy/placement.hpp"

namespace zel::deploy {

/// Plans `ranks` ranks on `granted` cores of a node that was told to offer `configured` cores.
///
/// Ranks are bound only to cores that no other job is bound to. They run unbound, unless binding was asked
/// for, when the node offers another number of cores than the host has (a core of the one is not a core of
/// the other), when fewer cores are granted than the ranks want (they share them; `notice` says so), or when
/// too few unbound cores are left. Errors: as place().
base::Result<Placement> place_beside_others(const CoreBook& book, std::uint32_t configured, std::uint32_t granted,
                                            std::uint32_t ranks, const wire::run::PlacementWish& wish);

}  // namespace zel::deploy
