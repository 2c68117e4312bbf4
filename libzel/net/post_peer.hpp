// Why: the way to and from one rank on another host, as posts that the nodes carry. The thread that listens
// to the node delivers; the thread of the messages does the rest.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>

#include "libzel/net/path.hpp"
#include "libzel/net/post_inbox.hpp"
#include "libzel/net/post_window.hpp"

namespace zel::net {

/// Hands a message to the node. False: the node is gone, for good.
using Carry = std::function<bool(const wire::member::ToNode&)>;

class PostPeer final : public Reader, public Writer {
 public:
  PostPeer(int rank, const Carry& carry) : rank_(rank), carry_(carry) {}

  // The listener. True: something changed that the owner may wait for.
  bool deliver(wire::member::Post&& post);
  bool credit(std::uint32_t bytes);

  // The owner.
  int from() const override { return rank_; }
  Look look(Record& record) override;
  bool pop() override;
  void refuse() override;
  Outcome write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                std::span<const std::byte> payload) override;
  void ask_for_room() override;
  std::size_t max_payload() const override { return max_posted_bytes; }

 private:
  const int rank_;
  const Carry& carry_;
  std::atomic<bool> to_look_at_{false};  // a post, or the word that it is damaged
  std::mutex mutex_;
  PostInbox inbox_;
  PostWindow window_;
  bool credit_damaged_ = false;
  bool wants_room_ = false;
};

}  // namespace zel::net
