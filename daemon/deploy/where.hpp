// Why: a binding is only trusted when people can read it; cpu numbers alone say nothing about distance.
#pragma once

#include <string>

#include "daemon/deploy/seats.hpp"

namespace zel::deploy {

/// Names what a rank is bound to, as specified at place(). `bound` is in order and not empty; `bind_to` is
/// not none.
std::string where(const Threads& bound, wire::run::Binding bind_to);

}  // namespace zel::deploy
