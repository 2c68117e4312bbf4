// Why: whether a host is what a job asks for is one pure question, and a no says what is missing.
#pragma once

#include <string>

#include "wire/overlay.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

struct Resources;

/// Empty: the host has all that is asked. Else one line about the first thing that is missing.
std::string unmet(const wire::schedule::Requirements& wanted, const Resources& resources,
                  const wire::overlay::PeerRecord& host);

/// Whether an entry of `hosts` or `excluded` means this node: its name, its id or at least the first 8 of its
/// digits, or one of its addresses with or without the port.
bool means(const std::string& entry, const wire::overlay::PeerRecord& node);

/// Whether the lists of hosts leave this node in. Empty: yes, else the reason.
std::string left_out(const wire::schedule::Requirements& wanted, const wire::overlay::PeerRecord& node);

}  // namespace zel::schedule
