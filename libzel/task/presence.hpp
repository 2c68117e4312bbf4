// Why: a rank that has not come yet and one that is gone are both absent, but only one is worth waiting for.
#pragma once

#include <cstdint>

namespace zel::task {

enum class Presence : std::uint8_t { unknown, present, gone };  // unknown: has not joined yet

}  // namespace zel::task
