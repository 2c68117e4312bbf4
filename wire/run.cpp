#include "wire/run.hpp"

#include "wire/codec.hpp"

namespace zel::wire::run {

base::Bytes encode(const ToNode& message) { return codec::encode(message); }
base::Bytes encode(const ToLauncher& message) { return codec::encode(message); }
base::Result<ToNode> decode_to_node(base::ByteView bytes) { return codec::decode<ToNode>(bytes); }
base::Result<ToLauncher> decode_to_launcher(base::ByteView bytes) { return codec::decode<ToLauncher>(bytes); }

}  // namespace zel::wire::run
