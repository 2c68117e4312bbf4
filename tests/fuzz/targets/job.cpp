#include "wire/job.hpp"

#include "round_trip.hpp"

// The first byte says which of the three the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace zel;
  if (size == 0) return 0;
  const base::ByteView bytes = fuzz::view_of(data, size).subspan(1);
  switch (data[0] % 3) {
    case 0: fuzz::round_trip(bytes, wire::job::decode_to_host); break;
    case 1: fuzz::round_trip(bytes, wire::job::decode_to_primary); break;
    default: fuzz::round_trip(bytes, wire::job::decode_segment);
  }
  return 0;
}
