#include "zrun/options_split.hpp"

#include <cstddef>

namespace zel::zrun {
namespace {

enum class Reading { complete, wants_value, unknown, value_unwanted };

/// One word among our options, and what it means.
struct Word {
  Reading reading;
  std::string option;              // the last option in it
  std::vector<std::string> parts;  // what the parser is given
};

Word read_long(const std::string& word, const TakesValue& takes_value) {
  const auto equals = word.find('=');
  const std::string option = word.substr(0, equals);
  const auto takes = takes_value(option);
  if (!takes) return {Reading::unknown, option, {}};
  if (equals == std::string::npos) {
    return {*takes ? Reading::wants_value : Reading::complete, option, {option}};
  }
  if (!*takes) return {Reading::value_unwanted, option, {}};
  return {Reading::complete, option, {option, word.substr(equals + 1)}};
}

/// "-n", "-n4", and flags in one word, as in "-qn4".
Word read_short(const std::string& word, const TakesValue& takes_value) {
  std::string option;
  for (std::size_t i = 1; i < word.size(); ++i) {
    option = {'-', word[i]};
    const auto takes = takes_value(option);
    if (!takes) return {Reading::unknown, option, {}};
    if (*takes) return {i + 1 == word.size() ? Reading::wants_value : Reading::complete, option, {word}};
  }
  return {Reading::complete, option, {word}};
}

std::string spelt_our_way(const std::string& word) {
  return word == "-np" || word.starts_with("-np=") ? '-' + word : word;
}

tl::unexpected<BadWord> bad(BadWord::Kind kind, const std::string& typed, const Word& word) {
  return tl::unexpected(BadWord{kind, typed, word.option});
}

}  // namespace

tl::expected<CommandLine, BadWord> split(const std::vector<std::string>& words,
                                         const TakesValue& takes_value) {
  CommandLine line;
  std::size_t at = 0;
  for (; at < words.size(); ++at) {
    const std::string word = spelt_our_way(words[at]);
    if (word.size() < 2 || word[0] != '-') break;
    if (word == "--") {
      ++at;
      break;
    }
    const Word read = word.starts_with("--") ? read_long(word, takes_value) : read_short(word, takes_value);
    const std::string typed = words[at].substr(0, words[at].find('='));
    if (read.reading == Reading::unknown) return bad(BadWord::Kind::unknown, typed, read);
    if (read.reading == Reading::value_unwanted) return bad(BadWord::Kind::value_unwanted, typed, read);
    line.own.insert(line.own.end(), read.parts.begin(), read.parts.end());
    if (read.reading == Reading::complete) continue;
    if (++at == words.size()) return bad(BadWord::Kind::value_missing, typed, read);
    line.own.push_back(words[at]);
  }
  line.program.assign(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
  return line;
}

}  // namespace zel::zrun
