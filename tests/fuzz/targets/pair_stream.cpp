#include "libzel/net/pair_stream.hpp"

#include <algorithm>

#include "round_trip.hpp"

using namespace zel;

namespace {

/// Takes the input apart; what is missing at its end is 0.
class Input {
 public:
  explicit Input(base::ByteView bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::size_t number(std::size_t bytes) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes && !bytes_.empty(); ++i, bytes_ = bytes_.subspan(1)) {
      value = value << 8 | std::to_integer<std::size_t>(bytes_.front());
    }
    return value;
  }
  base::ByteView rest(std::size_t most) {
    const auto part = bytes_.first(std::min(most, bytes_.size()));
    bytes_ = bytes_.subspan(part.size());
    return part;
  }

 private:
  base::ByteView bytes_;
};

bool hear(net::PairStream& stream, const wire::paths::Word& word) {
  if (const auto* resume = std::get_if<wire::paths::Resume>(&word)) return stream.on_resume(*resume);
  if (const auto* fallen = std::get_if<wire::paths::Fallen>(&word)) return stream.on_fallen(*fallen);
  if (const auto* ack = std::get_if<wire::paths::Ack>(&word)) return stream.on_ack(ack->taken);
  return true;
}

bool frame_comes(net::PairStream& stream, Input& input) {
  net::FrameHeader header;
  header.type = input.number(1) % 8 == 0 ? net::FrameType::ack : net::FrameType::record;
  const std::uint64_t link = input.number(1) % 4;
  header.number = input.number(1);
  header.kind = net::RecordKind::more;
  const auto bytes = std::make_shared<base::Bytes>(input.number(3) % (net::max_linked_bytes + 1));
  return stream.on_frame(link, header, *bytes, bytes);
}

bool post_comes(net::PairStream& stream, Input& input) {
  wire::member::Post post;
  post.kind = static_cast<std::uint8_t>(input.number(1) % 20);
  post.payload.resize(input.number(2));
  post.total_bytes = post.kind == static_cast<std::uint8_t>(net::RecordKind::whole) ? post.payload.size() : 0;
  return post.kind == net::word_post_kind || stream.on_post(std::move(post));
}

}  // namespace

// Whatever the other end does, in whatever order: the numbers only grow, what lies here stays within the windows, and
// what is handed out is a record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t windows = wire::member::post_window_bytes + net::stream_window_bytes + net::link_ack_bytes;
  Input input(fuzz::view_of(data, size));
  net::PairStream stream;
  for (bool good = true; good && !input.empty();) {
    const std::uint64_t received = stream.received();
    const std::uint64_t taken = stream.taken();
    switch (input.number(1) % 9) {
      case 0: good = frame_comes(stream, input); break;
      case 1: good = post_comes(stream, input); break;
      case 2: {
        const auto word = wire::paths::decode(input.rest(input.number(1)));
        good = !word || hear(stream, *word);
        break;
      }
      case 3: good = stream.on_credit(static_cast<std::uint32_t>(input.number(3))); break;
      case 4: stream.write(net::RecordKind::more, 0, 0, 0, base::Bytes(input.number(3) % (net::max_linked_bytes + 1))); break;
      case 5: good = stream.on_link(input.number(1) % 4, input.number(1), input.number(1)); break;
      case 6: stream.on_link_lost(input.number(1) % 4); break;
      case 7: stream.give_up(input.number(1) % 4); break;
      default:
        if (stream.empty()) break;
        const auto& front = stream.front();
        fuzz::insist(net::is_record(front.record.kind, front.record.total_bytes, front.record.payload.size()), "no record");
        stream.pop();
    }
    fuzz::insist(stream.received() >= received && stream.taken() >= taken, "a number went back");
    fuzz::insist(stream.taken() <= stream.received(), "more was taken than came");
    fuzz::insist(stream.received() - received <= 1, "one event, several records");
    stream.take_actions();
  }
  std::size_t here = 0;
  for (; !stream.empty(); stream.pop()) here += stream.front().cost_bytes;
  fuzz::insist(here <= windows, "more lies here than the windows let in");
  return 0;
}
