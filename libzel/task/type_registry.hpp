// Why: a stolen task arrives as a number and bytes; this finds the type that the number stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "zel/task_frame.hpp"

namespace zel::task {

/// Null if no such type is in this program. Thread-safe, as are all here.
const detail::TaskType* find_task_type(std::uint64_t key);
/// Two different types that other processes could not tell apart, as a line of text; nothing if all is well.
std::optional<std::string> colliding_task_types();

}  // namespace zel::task
