#include <algorithm>

#include "libzel/net/frame.hpp"
#include "round_trip.hpp"

using namespace zel;

// What is taken for a frame is one, within its limits, and is the same bytes when it is made anew.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes = fuzz::view_of(data, size);
  const auto header = net::read_frame(bytes);
  if (!header) return 0;
  const auto payload = net::payload_of(bytes);
  fuzz::insist(payload.size() <= net::max_linked_bytes, "a frame over its limit");
  if (header->type == net::FrameType::record) {
    fuzz::insist(net::is_record(header->kind, header->total_bytes, payload.size()), "a record that is none");
  } else {
    fuzz::insist(payload.empty(), "a payload where there is none");
  }
  const net::Frame again = net::make_frame(*header, payload);
  fuzz::insist(std::ranges::equal(*again, bytes), "a frame does not come back as it went out");
  return 0;
}
