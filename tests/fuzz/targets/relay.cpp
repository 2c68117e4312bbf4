#include "wire/relay.hpp"

#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  zel::fuzz::round_trip(zel::fuzz::view_of(data, size), zel::wire::relay::decode);
  return 0;
}
