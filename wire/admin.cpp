#include "wire/admin.hpp"

#include "wire/codec.hpp"

namespace zel::wire::admin {

base::Bytes encode(const Request& request) { return codec::encode(request); }
base::Bytes encode(const Reply& reply) { return codec::encode(reply); }
base::Result<Request> decode_request(base::ByteView bytes) { return codec::decode<Request>(bytes); }
base::Result<Reply> decode_reply(base::ByteView bytes) { return codec::decode<Reply>(bytes); }

}  // namespace zel::wire::admin
