// Why: a fuzzer that starts from nothing spends its time on finding out what a message looks like. This
// writes one of every kind, filled. Usage: write_seeds <target> <folder>.
#include <cstdio>
#include <fstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "round_trip.hpp"
#include "wire/admin.hpp"
#include "wire/frame.hpp"
#include "wire/job.hpp"
#include "wire/keeper.hpp"
#include "wire/link.hpp"
#include "wire/member.hpp"
#include "wire/node.hpp"
#include "wire/overlay.hpp"
#include "wire/relay.hpp"
#include "wire/run.hpp"
#include "wire/schedule.hpp"

namespace {

using namespace zel;

/// Gives every field a value that passes for an id, an address or a count.
struct Filler {
  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = T{};
    } else if constexpr (std::is_arithmetic_v<T>) {
      value = static_cast<T>(1);
    } else {
      value.fields([&](auto&... field) { (fill(field), ...); });
    }
  }
  template <class... Kinds>
  void fill(std::variant<Kinds...>& one_of) {
    std::visit([this](auto& alternative) { this->fill(alternative); }, one_of);
  }
  void fill(wire::job::Prepare& prepare) {
    prepare.fields([&](auto&... field) { (fill(field), ...); });
    prepare.size = 2;  // for its rank is 1
    prepare.program = "/bin/true";
  }
  void fill(std::string& text) { text = "127.0.0.1"; }
  void fill(base::Bytes& bytes) { bytes.assign(wire::schedule::told_bytes, std::byte{0xff}); }
  template <std::size_t Size>
  void fill(std::array<std::uint8_t, Size>& bytes) {
    bytes.fill(7);
  }
  template <class T>
  void fill(std::vector<T>& items) {
    items.resize(1);
    fill(items.front());
  }
};

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) {}
  void write(const base::Bytes& bytes) {
    std::ofstream file(path_ + "/seed-" + (count_ < 10 ? "0" : "") + std::to_string(count_),
                       std::ios::binary);
    ++count_;
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  /// `direction`: the byte that round_trip_either wants; negative: none.
  template <class Message, class Decode>
  void write_all(int direction, Decode decode) {
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (write_one(Message(std::in_place_index<Index>), direction, decode), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Message>>());
  }

 private:
  template <class Message, class Decode>
  void write_one(Message message, int direction, Decode decode) {
    std::visit([](auto& alternative) { Filler().fill(alternative); }, message);
    base::Bytes bytes = encode(message);
    fuzz::insist(decode(bytes).has_value(), "a seed that its own decoder refuses");
    if (direction >= 0) bytes.insert(bytes.begin(), static_cast<std::byte>(direction));
    write(bytes);
  }
  std::string path_;
  int count_ = 0;
};

void write_frames(Folder& folder) {
  for (const std::size_t size : {0u, 1u, 300u}) {
    base::Bytes stream{std::byte{2}};
    for (int i = 0; i < 3; ++i) wire::append_frame(stream, base::Bytes(size, std::byte{'x'}));
    folder.write(stream);
  }
  folder.write(
      {std::byte{0}, std::byte{1}, std::byte{0}, std::byte{0x40}, std::byte{0}});  // one byte too many
}

template <class Protocol, class Message>
void write_node(Folder& folder) {
  Message message;
  Filler().fill(message);
  const base::Bytes bytes = wire::node::encode(wire::node::Message(Protocol(message)));
  fuzz::insist(wire::node::decode(bytes).has_value(), "a seed that its own decoder refuses");
  folder.write(bytes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string target = argv[1];
  Folder folder(argv[2]);
  if (target == "overlay") folder.write_all<wire::overlay::Message>(-1, wire::overlay::decode);
  if (target == "relay") folder.write_all<wire::relay::Message>(-1, wire::relay::decode);
  if (target == "schedule") folder.write_all<wire::schedule::Message>(-1, wire::schedule::decode);
  if (target == "link") {
    folder.write_all<wire::link::Control>(-1, wire::link::decode);
    folder.write({wire::link::payload_mark, std::byte{'x'}});
  }
  if (target == "admin") {
    folder.write_all<wire::admin::Request>(0, wire::admin::decode_request);
    folder.write_all<wire::admin::Reply>(1, wire::admin::decode_reply);
  }
  if (target == "run") {
    folder.write_all<wire::run::ToNode>(0, wire::run::decode_to_node);
    folder.write_all<wire::run::ToLauncher>(1, wire::run::decode_to_launcher);
  }
  if (target == "member") {
    folder.write_all<wire::member::ToNode>(0, wire::member::decode_to_node);
    folder.write_all<wire::member::ToMember>(1, wire::member::decode_to_member);
  }
  if (target == "keeper") {
    folder.write_all<wire::keeper::ToKeeper>(0, wire::keeper::decode_to_keeper);
    folder.write_all<wire::keeper::ToNode>(1, wire::keeper::decode_to_node);
  }
  if (target == "job") {
    folder.write_all<wire::job::ToHost>(0, wire::job::decode_to_host);
    folder.write_all<wire::job::ToPrimary>(1, wire::job::decode_to_primary);
    wire::job::Segment segment;
    Filler().fill(segment);
    base::Bytes bytes = wire::job::encode(segment);
    bytes.insert(bytes.begin(), std::byte{2});
    folder.write(bytes);
  }
  if (target == "node") {
    write_node<wire::overlay::Message, wire::overlay::Ping>(folder);
    write_node<wire::schedule::Message, wire::schedule::Request>(folder);
    write_node<wire::job::Segment, wire::job::Segment>(folder);
  }
  if (target == "frame") write_frames(folder);
}
