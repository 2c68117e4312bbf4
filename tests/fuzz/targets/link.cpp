#include "wire/link.hpp"

#include <algorithm>

#include "round_trip.hpp"

using namespace zel;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::view_of(data, size);
  fuzz::round_trip(bytes, [](base::ByteView from) -> base::Result<wire::link::Control> {
    auto frame = wire::link::decode(from);
    if (!frame || !std::holds_alternative<wire::link::Control>(*frame))
      return base::fail(base::Errc::bad_message, "");
    return std::get<wire::link::Control>(*frame);
  });
  const auto frame = wire::link::decode(bytes);
  const auto* payload = frame ? std::get_if<base::ByteView>(&*frame) : nullptr;
  if (payload) {
    fuzz::insist(payload->data() == bytes.data() + 1 && payload->size() == size - 1,
                 "a payload is not as it came");
  }
  return 0;
}
