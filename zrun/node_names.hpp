// Why: which nodes a user wants or does not want, written as mpirun's users write it. Pure: text in, names out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/schedule.hpp"

namespace zel::zrun {

/// Adds "A,B:4,10.0.0.1:7411" to `names`, each once. The slots of a name (":4") are dropped: how many ranks a node
/// takes is a matter of its free cores. What is wrong, or nothing.
std::optional<std::string> add_node_names(std::string_view list, std::vector<std::string>& names);

/// Adds the names in a host file: a line is empty, a comment (#), or a name and words as slots=4, which have no
/// effect. What is wrong ("line 3: …"), or nothing.
std::optional<std::string> add_hostfile(std::string_view text, std::vector<std::string>& names);

/// Adds what "memory=4G", "disk=10G", "arch=x86_64", "os=Linux" or "gpu=true" asks for; sizes are bytes with K, M, G
/// or T, powers of 1024. False when it makes no sense.
bool add_requirement(std::string_view word, wire::schedule::Requirements& requirements);

}  // namespace zel::zrun
