#include "wire/node.hpp"

#include "round_trip.hpp"

namespace {

/// What round_trip() finds encode() by.
struct Whole {
  zel::wire::node::Message message;
};
zel::base::Bytes encode(const Whole& whole) { return zel::wire::node::encode(whole.message); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  zel::fuzz::round_trip(zel::fuzz::view_of(data, size), [](zel::base::ByteView bytes) {
    return zel::wire::node::decode(bytes).map([](auto message) { return Whole{std::move(message)}; });
  });
  return 0;
}
