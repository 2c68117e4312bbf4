#include "wire/keeper.hpp"

#include "wire/codec.hpp"

namespace zel::wire::keeper {

base::Bytes encode(const ToKeeper& message) { return codec::encode(message); }
base::Bytes encode(const ToNode& message) { return codec::encode(message); }
base::Result<ToKeeper> decode_to_keeper(base::ByteView bytes) { return codec::decode<ToKeeper>(bytes); }
base::Result<ToNode> decode_to_node(base::ByteView bytes) { return codec::decode<ToNode>(bytes); }

}  // namespace zel::wire::keeper
