#include "wire/job.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace zel::wire::job {

namespace {

bool ascending_below(const std::vector<std::uint32_t>& ranks, std::uint32_t size) {
  return !ranks.empty() && ranks.back() < size &&
         std::adjacent_find(ranks.begin(), ranks.end(), std::greater_equal<>()) == ranks.end();
}

bool valid(const Prepare& prepare) {
  return prepare.job.size() <= max_job_name_bytes && overlay::valid(prepare.primary) && prepare.size >= 1 &&
         prepare.size <= run::max_ranks && ascending_below(prepare.ranks, prepare.size) && !prepare.program.empty() &&
         prepare.program.front() == '/' && !prepare.arguments.empty() && prepare.stdin_rank < prepare.size &&
         prepare.cores <= overlay::max_cores;
}

}  // namespace

base::Bytes encode(const ToHost& message) { return codec::encode(message); }
base::Bytes encode(const ToPrimary& message) { return codec::encode(message); }

base::Result<ToHost> decode_to_host(base::ByteView bytes) {
  auto message = codec::decode<ToHost>(bytes);
  if (!message) return message;
  const auto* prepare = std::get_if<Prepare>(&*message);
  if (prepare && prepare->protocol == version && !valid(*prepare)) {
    return base::fail(base::Errc::bad_message, "a job beyond its limits");
  }
  return message;
}

base::Result<ToPrimary> decode_to_primary(base::ByteView bytes) { return codec::decode<ToPrimary>(bytes); }

bool valid(const Segment& segment) {
  switch (segment.kind) {
    case SegmentKind::data: return !segment.job.primary.is_nobody() && segment.number >= 1;
    case SegmentKind::ack: return !segment.job.primary.is_nobody() && segment.number == 0 && segment.payload.empty();
    case SegmentKind::reset: return !segment.job.primary.is_nobody() && segment.payload.size() <= max_reset_bytes;
  }
  return false;
}

base::Bytes encode(const Segment& segment) { return codec::encode(std::variant<Segment>(segment)); }

base::Result<Segment> decode_segment(base::ByteView bytes) {
  auto message = codec::decode<std::variant<Segment>>(bytes);
  if (!message) return tl::unexpected(message.error());
  if (!valid(std::get<0>(*message))) return base::fail(base::Errc::bad_message, "a segment beyond its limits");
  return std::get<0>(std::move(*message));
}

}  // namespace zel::wire::job
