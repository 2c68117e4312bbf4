#include "wire/member.hpp"

#include "wire/codec.hpp"

namespace zel::wire::member {

base::Bytes encode(const ToNode& message) { return codec::encode(message); }
base::Bytes encode(const ToMember& message) { return codec::encode(message); }
base::Result<ToNode> decode_to_node(base::ByteView bytes) { return codec::decode<ToNode>(bytes); }
base::Result<ToMember> decode_to_member(base::ByteView bytes) { return codec::decode<ToMember>(bytes); }

}  // namespace zel::wire::member
