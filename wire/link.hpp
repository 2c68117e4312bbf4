// Why: what two nodes say on the link between them before, and around, the messages of the protocols above:
// who they are, and that a link ends. States and limits: docs/protocol/link.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"

namespace zel::wire::link {

inline constexpr std::uint32_t version = 2;
inline constexpr std::size_t max_name_bytes = 64;
inline constexpr std::size_t max_seen_bytes = 64;
inline constexpr std::size_t nonce_bytes = 32;
inline constexpr std::size_t box_nonce_bytes = 24;
/// What the proof boxes: the dialler's nonce and the answerer's id. The seal adds 16 bytes.
inline constexpr std::size_t proof_bytes = nonce_bytes + 32 + 16;

using Nonce = std::array<std::uint8_t, nonce_bytes>;

/// Dialler, first: prove who you are. Its own id is known from the CURVE handshake.
struct Hello {
  std::uint32_t protocol = version;
  Nonce nonce{};
  std::string name;  // for logs
  template <class F>
  void fields(F&& f) {
    f(protocol, nonce, name);
  }
};
/// Answerer: only the holder of `id`'s secret key can have made this proof for this dialler and this nonce.
struct Proof {
  base::NodeId id;
  std::array<std::uint8_t, box_nonce_bytes> box_nonce{};
  std::array<std::uint8_t, proof_bytes> box{};
  std::string seen;  // the numeric address the dialler comes from, as the answerer sees it; empty: it does not know
  template <class F>
  void fields(F&& f) {
    f(id, box_nonce, box, seen);
  }
};
/// Dialler: you are who I want; of all the ways I tried, this one stays. Both send from here on.
struct Settled {
  template <class F>
  void fields(F&& f) {
    f();
  }
};
enum class Reason : std::uint8_t { unknown_link, wrong_version, full };
inline bool valid(Reason reason) { return reason <= Reason::full; }
/// Answerer: this link is none. The dialler closes it, and dials anew when it has something to say.
struct Reject {
  Reason reason = Reason::unknown_link;
  template <class F>
  void fields(F&& f) {
    f(reason);
  }
};
/// Either: nothing more comes from me on this link. The other says the same; then the dialler closes it.
struct Goodbye {
  template <class F>
  void fields(F&& f) {
    f();
  }
};
/// Answerer: says nothing; whether it can be sent tells whether the link is there.
struct Nudge {
  template <class F>
  void fields(F&& f) {
    f();
  }
};
using Control = std::variant<Hello, Proof, Settled, Reject, Goodbye, Nudge>;

/// One message of a link: a control message, or a payload, which is a view into what was decoded.
using Frame = std::variant<Control, base::ByteView>;

inline constexpr std::byte control_mark{0};
inline constexpr std::byte payload_mark{1};  // one byte, then the payload as it is

base::Bytes encode(const Control& control);
/// Errors: bad_message.
base::Result<Frame> decode(base::ByteView bytes);

std::string_view text_of(Reason reason);

}  // namespace zel::wire::link
