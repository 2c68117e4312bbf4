#include "wire/link.hpp"

#include "wire/codec.hpp"

namespace zel::wire::link {

base::Bytes encode(const Control& control) {
  base::Bytes bytes = codec::encode(control);
  bytes.insert(bytes.begin(), control_mark);
  return bytes;
}

base::Result<Frame> decode(base::ByteView bytes) {
  if (bytes.empty()) return base::fail(base::Errc::bad_message, "an empty message on a link");
  const base::ByteView rest = bytes.subspan(1);
  if (bytes.front() == payload_mark) return Frame(rest);
  if (bytes.front() != control_mark)
    return base::fail(base::Errc::bad_message, "a message of no known kind on a link");
  auto control = codec::decode<Control>(rest);
  if (!control) return tl::unexpected(control.error());
  const auto* hello = std::get_if<Hello>(&*control);
  const auto* proof = std::get_if<Proof>(&*control);
  if ((hello && hello->name.size() > max_name_bytes) || (proof && proof->seen.size() > max_seen_bytes)) {
    return base::fail(base::Errc::bad_message, "a link's greeting is beyond its limits");
  }
  return Frame(std::move(*control));
}

std::string_view text_of(Reason reason) {
  switch (reason) {
    case Reason::unknown_link: return "it does not know this link; it may have restarted";
    case Reason::wrong_version: return "it speaks another version";
    case Reason::full: return "it has no room for more links";
  }
  return "";
}

}  // namespace zel::wire::link
