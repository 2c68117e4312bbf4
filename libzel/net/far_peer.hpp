// Why: one rank on another host: the stream to and from it, and what is known of the ways there. To those who send and
// receive it is a writer and a reader like any other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "libzel/net/link_driver.hpp"
#include "libzel/net/pair_stream.hpp"
#include "libzel/net/path.hpp"

namespace zel::net {

/// Hands a message to the node. False: the node is gone, for good.
using Carry = std::function<bool(const wire::member::ToNode&)>;

class Far;

class FarPeer final : public Reader, public Writer {
 public:
  FarPeer(int rank, Far& far) : rank_(rank), far_(far) {}

  int from() const override { return rank_; }
  Look look(Record& record) override;
  bool pop() override;
  void refuse() override;
  bool finished() override;
  Outcome write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                std::span<const std::byte> payload) override;
  void ask_for_room() override;
  std::size_t max_payload() const override { return max_payload_.load(std::memory_order_relaxed); }

 private:
  friend class Far;
  struct Attempt {
    std::uint64_t link;
    ConnectionId connection;
    bool begins;        // this end says hello
    base::Time said{};  // its hello
  };

  const int rank_;
  Far& far_;
  std::atomic<bool> to_look_at_{false};  // a record, or the word that it is damaged
  std::atomic<std::size_t> max_payload_{max_posted_bytes};
  // The rest under the lock of Far.
  PairStream stream_;
  bool damaged_ = false;
  bool heard_from_ = false;
  bool wants_room_ = false;
  bool wants_link_ = false;     // asked for once
  bool drained_ = false;
  bool gone_ = false;  // to us: nothing more is taken from it
  bool left_ = false;  // says the log
  base::Time departed_{};
  std::vector<Attempt> attempts_;
  std::uint64_t link_ = 0;       // the stream's, and its connection; 0: none
  ConnectionId connection_ = 0;
  std::optional<wire::paths::Contact> contact_;
  base::Time contact_sent_{};
  base::Duration round_trip_{};
};

}  // namespace zel::net
