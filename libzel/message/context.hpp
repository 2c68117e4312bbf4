// Why: libzel's parts send messages too; each kind of traffic is its own world.
#pragma once

#include <cstddef>
#include <cstdint>

namespace zel::detail {

/// Messages of different contexts never meet: a user's receive(any_tag) does not see a steal request.
enum class Context : std::uint8_t { user, collective, task, barrier };
inline constexpr std::size_t context_count = 4;

}  // namespace zel::detail
