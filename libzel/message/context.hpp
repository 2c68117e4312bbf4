// Why: libzel's parts send messages too; each kind of traffic is its own world.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zel::detail {

/// Messages of different contexts never meet: a user's receive(any_tag) does not see a steal request.
/// `word` is for what parts of libzel tell one another besides: whoever waits takes it in.
enum class Context : std::uint8_t { user, collective, task, barrier, word };
inline constexpr std::size_t context_count = 5;

}  // namespace zel::detail
