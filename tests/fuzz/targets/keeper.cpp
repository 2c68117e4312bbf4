#include "wire/keeper.hpp"

#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  zel::fuzz::round_trip_either(zel::fuzz::view_of(data, size), zel::wire::keeper::decode_to_keeper,
                               zel::wire::keeper::decode_to_node);
  return 0;
}
