// Why: our options end where the program's command line begins, and only somebody who knows which options
// take a value can tell where that is. Doing it first means that no word of the program is ever looked at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace zel::zrun {

struct CommandLine {
  std::vector<std::string> own;      // our options and their values, never joined by "="; -np is spelt --np
  std::vector<std::string> program;  // the program and its arguments; may be empty
};

/// Whether an option ("-n", "--wdir") takes a value; nothing when it does not exist.
using TakesValue = std::function<std::optional<bool>(const std::string& name)>;

/// What is wrong with a word among our options.
struct BadWord {
  enum class Kind { unknown, value_missing, value_unwanted } kind;
  std::string word;    // as typed, without "=value"
  std::string option;  // the option that lacks its value, as `takes_value` knows it
};

/// Splits the words after argv[0].
tl::expected<CommandLine, BadWord> split(const std::vector<std::string>& words,
                                         const TakesValue& takes_value);

/// What to do about an option that does not exist: a habit from another launcher, or a likely misspelling of
/// one of `known` ("--wdir", "-n", …). Never empty.
std::string advice_for(std::string_view word, const std::vector<std::string>& known);

}  // namespace zel::zrun
