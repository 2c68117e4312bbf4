// Why: with no node running, a run has this machine only. Who asked for others must not get a run here instead;
// who asked for what this machine is by itself gets it. Pure, but for looking at the machine.
#pragma once

#include <optional>
#include <string>

#include "wire/schedule.hpp"

namespace zel::zrun {

struct ThisHost {
  std::string name;
  std::string architecture;  // as uname says it
  std::string system;
};
ThisHost this_host();

/// The first requirement that this machine does not meet without a node, for people: "--host a,b". Labels, memory and
/// disk are what a node says of itself.
std::optional<std::string> unmet_by(const ThisHost& host, const wire::schedule::Requirements& wanted);

}  // namespace zel::zrun
