#include "wire/schedule.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace zel::wire::schedule {

namespace {

bool valid_texts(const std::vector<std::string>& texts, std::size_t count, std::size_t bytes) {
  return texts.size() <= count &&
         std::all_of(texts.begin(), texts.end(), [=](const std::string& text) { return text.size() <= bytes; });
}

struct Validity {
  bool operator()(const Request& request) const {
    return !request.search.seeker.is_nobody() && request.seeker.id == request.search.seeker &&
           overlay::valid(request.seeker) && request.cores >= 1 && request.cores <= max_wanted_cores &&
           request.cores_per_rank >= 1 && request.cores_per_rank <= request.cores && valid(request.requirements) &&
           request.radius_us <= max_radius_us && request.hops_left <= max_hops &&
           (request.told.empty() || request.told.size() == told_bytes);
  }
  bool operator()(const Offer& offer) const {
    return offer.lease != 0 && overlay::valid(offer.host) && offer.cores >= 1 && offer.cores <= max_wanted_cores;
  }
  bool operator()(const Refusal& refusal) const {
    return overlay::valid(refusal.host) && refusal.reason.size() <= max_reason_bytes;
  }
  bool operator()(const Claim& claim) const { return claim.cores >= 1 && claim.cores <= max_wanted_cores; }
  bool operator()(const Claimed&) const { return true; }
  bool operator()(const Release&) const { return true; }
};

}  // namespace

bool valid(const Requirements& wanted) {
  return wanted.architecture.size() <= max_label_bytes && wanted.system.size() <= max_label_bytes &&
         valid_texts(wanted.labels, max_labels, max_label_bytes) &&
         valid_texts(wanted.hosts, max_filter_names, max_label_bytes) &&
         valid_texts(wanted.excluded, max_filter_names, max_label_bytes);
}

bool valid(const Message& message) { return std::visit(Validity{}, message); }

base::Bytes encode(const Message& message) { return codec::encode(message); }

base::Result<Message> decode(base::ByteView bytes) {
  auto message = codec::decode<Message>(bytes);
  if (message && !valid(*message)) return base::fail(base::Errc::bad_message, "a schedule message beyond its limits");
  return message;
}

}  // namespace zel::wire::schedule
