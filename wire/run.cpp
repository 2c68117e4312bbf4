#include "wire/run.hpp"

#include "wire/codec.hpp"

namespace zel::wire::run {

base::Bytes encode(const ToNode& message) { return codec::encode(message); }
base::Bytes encode(const ToLauncher& message) { return codec::encode(message); }
base::Result<ToNode> decode_to_node(base::ByteView bytes) {
  auto message = codec::decode<ToNode>(bytes);
  if (!message) return message;
  const auto* signal = std::get_if<Signal>(&*message);
  if (signal && !valid(*signal)) return base::fail(base::Errc::bad_message, "a signal that does not exist");
  return message;
}
base::Result<ToLauncher> decode_to_launcher(base::ByteView bytes) { return codec::decode<ToLauncher>(bytes); }

}  // namespace zel::wire::run
