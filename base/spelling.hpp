// Why: whoever types a word we do not have usually means one we do have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zel::base {

/// The candidate nearest to `word`, if it is near enough to be meant: a third of its letters wrong at most, or
/// the beginning of it. Leading dashes do not count. Empty: none.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace zel::base
