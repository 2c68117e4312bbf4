// Why: what two ranks on different hosts tell one another about the ways between them, as the payload of posts
// that nodes carry and do not look into. docs/protocol/paths.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace zel::wire::paths {

inline constexpr std::size_t max_word_bytes = 4096;
inline constexpr std::size_t max_addresses = 8;
inline constexpr std::size_t max_reason_bytes = 200;

using Key = std::array<std::uint8_t, 32>;

/// Where a rank listens, and the key it was given for this job. No addresses: it cannot, and `why`.
struct Contact {
  Key key{};
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  // numeric
  std::string host;                    // what ranks on one host have in common
  std::string why;
  bool has_yours = false;              // the sender knows the receiver's contact, and admits its key
  template <class F> void fields(F&& f) { f(key, port, addresses, host, why, has_yours); }
};
/// The next record in posts has this number.
struct Resume {
  std::uint64_t next = 0;
  template <class F> void fields(F&& f) { f(next); }
};
/// The link is lost; what came up to `received` need not be sent again.
struct Fallen {
  std::uint64_t link = 0;
  std::uint64_t received = 0;
  std::uint64_t taken = 0;
  template <class F> void fields(F&& f) { f(link, received, taken); }
};
struct Ack {
  std::uint64_t taken = 0;
  template <class F> void fields(F&& f) { f(taken); }
};
/// Dial this rank, under this link's number.
struct DialMe {
  std::uint64_t link = 0;
  template <class F> void fields(F&& f) { f(link); }
};
/// The dial that was asked for has failed.
struct NotReached {
  std::uint64_t link = 0;
  std::string why;
  template <class F> void fields(F&& f) { f(link, why); }
};
/// Let us connect to one another at one moment; this end from `port`.
struct Meet {
  std::uint64_t link = 0;
  std::uint16_t port = 0;
  template <class F> void fields(F&& f) { f(link, port); }
};
/// Agreed; this end from `port`, now.
struct Met {
  std::uint64_t link = 0;
  std::uint16_t port = 0;
  template <class F> void fields(F&& f) { f(link, port); }
};

using Word = std::variant<Contact, Resume, Fallen, Ack, DialMe, NotReached, Meet, Met>;

base::Bytes encode(const Word& word);
/// Strict; texts, lists and sizes are within their limits.
base::Result<Word> decode(base::ByteView bytes);

}  // namespace zel::wire::paths
