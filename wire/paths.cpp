#include "wire/paths.hpp"

#include "wire/codec.hpp"

namespace zel::wire::paths {

namespace {

constexpr std::size_t max_address_bytes = 64;

bool within_limits(const Word& word) {
  if (const auto* contact = std::get_if<Contact>(&word)) {
    for (const auto& address : contact->addresses) {
      if (address.empty() || address.size() > max_address_bytes) return false;
    }
    return contact->addresses.size() <= max_addresses && contact->host.size() <= max_reason_bytes &&
           contact->why.size() <= max_reason_bytes;
  }
  if (const auto* failed = std::get_if<NotReached>(&word)) return failed->why.size() <= max_reason_bytes;
  return true;
}

}  // namespace

base::Bytes encode(const Word& word) { return codec::encode(word); }

base::Result<Word> decode(base::ByteView bytes) {
  if (bytes.size() > max_word_bytes) return base::fail(base::Errc::bad_message, "a word about paths is too long");
  auto word = codec::decode<Word>(bytes);
  if (word && !within_limits(*word)) return base::fail(base::Errc::bad_message, "a word about paths is over its limits");
  return word;
}

}  // namespace zel::wire::paths
