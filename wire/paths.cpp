#include "wire/paths.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace zel::wire::paths {

namespace {

constexpr std::size_t max_address_bytes = 64;

bool short_enough(const std::vector<std::string>& addresses, std::size_t most) {
  return addresses.size() <= most && std::all_of(addresses.begin(), addresses.end(), [](const std::string& address) {
           return !address.empty() && address.size() <= max_address_bytes;
         });
}

bool within_limits(const Word& word) {
  if (const auto* contact = std::get_if<Contact>(&word)) {
    return short_enough(contact->addresses, max_addresses) && short_enough(contact->outside, max_outside) && contact->host.size() <= max_reason_bytes &&
           contact->why.size() <= max_reason_bytes;
  }
  if (const auto* failed = std::get_if<NotReached>(&word)) return failed->why.size() <= max_reason_bytes;
  if (const auto* dial = std::get_if<DialMe>(&word)) return dial->patience_ms <= max_patience_ms;
  if (const auto* meet = std::get_if<Meet>(&word)) return meet->patience_ms <= max_patience_ms;
  return true;
}

}  // namespace

bool valid(const PathLine& line) {
  return line.not_direct.size() <= max_reason_bytes && line.not_reverse.size() <= max_reason_bytes &&
         line.not_met.size() <= max_reason_bytes;
}

base::Bytes encode(const Word& word) { return codec::encode(word); }

base::Result<Word> decode(base::ByteView bytes) {
  if (bytes.size() > max_word_bytes) return base::fail(base::Errc::bad_message, "a word about paths is too long");
  auto word = codec::decode<Word>(bytes);
  if (word && !within_limits(*word)) return base::fail(base::Errc::bad_message, "a word about paths is over its limits");
  return word;
}

}  // namespace zel::wire::paths
