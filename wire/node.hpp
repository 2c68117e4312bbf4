// Why: four protocols share the one link between two nodes; a byte in front says which. Relay messages are how the
// others travel where there is no link (wire/relay.hpp), so they are none of the Messages here.
#pragma once

#include <variant>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/job.hpp"
#include "wire/overlay.hpp"
#include "wire/schedule.hpp"

namespace zel::wire::node {

enum class Protocol : std::uint8_t { overlay = 1, schedule = 2, job = 3, relay = 4 };

using Message = std::variant<overlay::Message, schedule::Message, job::Segment>;

/// Errors of decode: bad_message, for what is malformed, not valid() or of no such protocol.
base::Bytes encode(const Message& message);
base::Result<Message> decode(base::ByteView bytes);

}  // namespace zel::wire::node
