#include "wire/admin.hpp"

#include "round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  zel::fuzz::round_trip_either(zel::fuzz::view_of(data, size), zel::wire::admin::decode_request,
                               zel::wire::admin::decode_reply);
  return 0;
}
