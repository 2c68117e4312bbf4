// Why: the layout, in one place: little-endian, whatever the processor: [version u8][kind u8][epoch u32],
// the kind's fields in order, and what is left is the payload.
#include "libzel/task/steal_message.hpp"

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace zel::task {
namespace {

constexpr std::size_t header_bytes = 6;

class Writer {
 public:
  explicit Writer(std::size_t payload) { bytes_.reserve(header_bytes + 48 + payload); }
  template <std::unsigned_integral T>
  void put(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void put(bool value) { bytes_.push_back(static_cast<std::byte>(value ? 1 : 0)); }
  void put(const base::Bytes& payload) { bytes_.insert(bytes_.end(), payload.begin(), payload.end()); }
  base::Bytes take() { return std::move(bytes_); }

 private:
  base::Bytes bytes_;
};

class Reader {
 public:
  explicit Reader(base::ByteView bytes) : bytes_(bytes) {}

  void get(bool& value) {
    std::uint8_t byte = 0;
    get(byte);
    if (byte > 1) ok_ = false;
    value = byte == 1;
  }
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) void get(T& value) {
    value = 0;
    if (bytes_.size() < sizeof(T)) {
      ok_ = false;
      return;
    }
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | (static_cast<T>(bytes_[i]) << (8 * i)));
    }
    bytes_ = bytes_.subspan(sizeof(T));
  }
  void get(base::Bytes& payload) {
    payload.assign(bytes_.begin(), bytes_.end());
    bytes_ = {};
  }
  bool complete() const { return ok_ && bytes_.empty(); }

 private:
  base::ByteView bytes_;
  bool ok_ = true;
};

// One list of fields per kind serves both directions; `m` is const or not.
template <class F, class M>
void fields(F&& f, M& m) {
  using T = std::remove_const_t<M>;
  if constexpr (std::same_as<T, Steal>) f(m.lifeline);
  if constexpr (std::same_as<T, Loan>) f(m.id), f(m.type_key), f(m.lifeline), f(m.task);
  if constexpr (std::same_as<T, Result>) f(m.id), f(m.ok), f(m.value);
  if constexpr (std::same_as<T, GiveBack> || std::same_as<T, Cancel>) f(m.id);
  if constexpr (std::same_as<T, Finished>) f(m.ok), f(m.value);
  if constexpr (std::same_as<T, Report>) {
    f(m.tasks), f(m.stolen), f(m.steal_attempts), f(m.redone), f(m.busy_ns), f(m.wall_ns), f(m.threads);
  }
}

std::size_t payload_bytes(const Message& message) {
  std::size_t size = 0;
  std::visit(
      [&](const auto& m) {
        fields(
            [&](const auto& field) {
              if constexpr (std::same_as<std::remove_cvref_t<decltype(field)>, base::Bytes>)
                size = field.size();
            },
            m);
      },
      message);
  return size;
}

template <std::size_t Kind = 0>
std::optional<Message> decode_kind(std::size_t kind, Reader reader) {
  if constexpr (Kind == std::variant_size_v<Message>) {
    return std::nullopt;
  } else {
    if (kind != Kind) return decode_kind<Kind + 1>(kind, reader);
    std::variant_alternative_t<Kind, Message> message;
    fields([&](auto& field) { reader.get(field); }, message);
    if (!reader.complete()) return std::nullopt;
    return message;
  }
}

}  // namespace

base::Bytes encode(std::uint32_t epoch, const Message& message) {
  Writer writer(payload_bytes(message));
  writer.put(message_version);
  writer.put(static_cast<std::uint8_t>(message.index()));
  writer.put(epoch);
  std::visit([&](const auto& m) { fields([&](const auto& field) { writer.put(field); }, m); }, message);
  return writer.take();
}

std::optional<std::uint32_t> epoch_of(base::ByteView bytes) {
  if (bytes.size() < header_bytes || std::to_integer<std::uint8_t>(bytes[0]) != message_version) return {};
  std::uint32_t epoch = 0;
  Reader(bytes.subspan(2)).get(epoch);
  return epoch;
}

std::optional<Message> decode(base::ByteView bytes) {
  if (!epoch_of(bytes)) return std::nullopt;
  return decode_kind(std::to_integer<std::size_t>(bytes[1]), Reader(bytes.subspan(header_bytes)));
}

}  // namespace zel::task
