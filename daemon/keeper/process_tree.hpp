// Why: a job ends when nothing it started is left, not when its ranks are. A process that made itself a
// child subreaper inherits every orphan below it, also those that called setsid; so whatever the job started
// and has not ended is found by walking down from here, and can be killed until nothing is left.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/time.hpp"

namespace zel::keeper {

/// Makes this process the parent of every orphan below it (Linux: PR_SET_CHILD_SUBREAPER).
bool adopt_orphans();

/// All processes below this one, in no order, except those below and including `spared` direct children.
/// Costs one read of /proc for each.
std::vector<pid_t> descendants(const std::vector<pid_t>& spared = {});

/// Called for each direct child that was reaped during a sweep: pid and wait status.
using Reaped = std::function<void(pid_t, int)>;

/// Kills and reaps everything below this process until nothing is left or `limit` is over; returns how many
/// processes survived. `spared` direct children and what is below them are left alone. A process that forks
/// while it is being killed is met again in the next round.
std::uint32_t sweep(base::Duration limit, const std::vector<pid_t>& spared = {}, const Reaped& reaped = {});

}  // namespace zel::keeper
