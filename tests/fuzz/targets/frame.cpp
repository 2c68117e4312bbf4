#include "wire/frame.hpp"

#include <algorithm>
#include <vector>

#include "round_trip.hpp"

using namespace zel;

namespace {

/// The same, naively, with everything there at once. True when the stream is good to its end.
bool cut(base::ByteView stream, std::vector<base::Bytes>& frames) {
  while (stream.size() >= wire::frame_header_bytes) {
    std::size_t size = 0;
    for (unsigned i = 0; i < wire::frame_header_bytes; ++i)
      size |= std::to_integer<std::size_t>(stream[i]) << (8 * i);
    if (size > wire::max_frame_bytes) return false;
    stream = stream.subspan(wire::frame_header_bytes);
    if (stream.size() < size) return true;
    frames.emplace_back(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size));
    stream = stream.subspan(size);
  }
  return true;
}

}  // namespace

// The first byte says in pieces of which size the rest arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1u + data[0];
  const base::ByteView stream = fuzz::view_of(data, size).subspan(1);
  std::vector<base::Bytes> expected, got;
  const bool good = cut(stream, expected);

  wire::FrameReader reader;
  bool broken = false;
  for (std::size_t at = 0; at < stream.size() && !broken; at += piece) {
    reader.feed(stream.subspan(at, std::min(piece, stream.size() - at)));
    for (;;) {
      const auto frame = reader.next();
      broken = !frame;
      if (broken || !frame->has_value()) break;
      got.emplace_back((*frame)->begin(), (*frame)->end());
    }
  }
  fuzz::insist(got == expected && broken == !good, "frames depend on how they arrive");
  return 0;
}
