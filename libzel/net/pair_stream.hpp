// Why: what one rank sends another must arrive once and in order while the way between them changes under it: from
// posts through the nodes to a direct link, and back when the link breaks. So records are numbered, the sender
// keeps what is not acknowledged, and each end tells the other from which number to go on. This is the whole of
// that, both directions of one pair, and no more: it knows of no socket. docs/protocol/paths.md, The stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "libzel/net/frame.hpp"
#include "libzel/net/post_window.hpp"
#include "libzel/net/record.hpp"
#include "wire/member.hpp"
#include "wire/paths.hpp"

namespace zel::net {

/// Kinds of posts that are not records.
inline constexpr std::uint8_t word_post_kind = 16;
inline constexpr std::uint8_t piece_post_kind = 17;

inline constexpr std::size_t stream_window_bytes = 4u << 20;
inline constexpr std::size_t link_ack_bytes = 256u << 10;

// What to do, in this order.
struct SendPost {
  wire::member::Post post;  // `peer` is for the sender to set
};
struct GiveCredit {
  std::uint32_t bytes;
};
struct SendFrame {
  std::uint64_t link;
  Frame frame;
};
struct CloseLink {
  std::uint64_t link;
};
using StreamAction = std::variant<SendPost, GiveCredit, SendFrame, CloseLink>;

/// A record that came, with whatever holds its bytes.
struct Arrived {
  Record record;
  std::shared_ptr<const void> holder;
  std::size_t cost_bytes = 0;
  bool by_link = false;
};

class PairStream {
 public:
  // Sending.
  /// At most max_linked_bytes. False: no room.
  bool write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
             std::span<const std::byte> payload);
  /// What to put into one record now.
  std::size_t max_payload() const { return link_ ? max_linked_bytes : max_posted_bytes; }
  /// All that was written has been handed to a carrier.
  bool all_handed_over() const { return next_to_send_ == next_number_; }

  // Receiving.
  bool empty() const { return arrived_.empty(); }
  /// The oldest; stays where it is until pop().
  const Arrived& front() const { return arrived_.front(); }
  void pop();
  /// Forgets everything, and what is yet to come.
  void refuse();

  // Events. Posts of kind 2 to 5 and 17, in the order they came. False: nonsense; the other is to be cut off.
  bool on_post(wire::member::Post&& post);
  bool on_credit(std::uint32_t bytes);
  bool on_resume(const wire::paths::Resume& resume);
  bool on_fallen(const wire::paths::Fallen& fallen);
  bool on_ack(std::uint64_t taken);
  /// Link `link` is there, and the other has so much. What it sent is given to on_frame after this.
  bool on_link(std::uint64_t link, std::uint64_t received, std::uint64_t taken);
  /// A record, or an ack. `holder` keeps its payload.
  bool on_frame(std::uint64_t link, const FrameHeader& header, std::span<const std::byte> payload,
                std::shared_ptr<const void> holder);
  void on_link_lost(std::uint64_t link);
  /// Whatever was hoped of `link`, nothing will come of it; the other hears that too.
  void give_up(std::uint64_t link);

  /// The link records are sent on; none: posts.
  std::optional<std::uint64_t> link() const { return link_; }
  /// Between a link that broke and the other's word on it.
  bool waiting() const { return waiting_.has_value(); }
  std::uint64_t received() const { return received_; }
  std::uint64_t taken() const { return taken_; }
  std::vector<StreamAction> take_actions() { return std::exchange(actions_, {}); }
  bool has_actions() const { return !actions_.empty(); }

 private:
  struct Kept {
    Frame frame;
    FrameHeader header;
    std::size_t cost_bytes;
  };
  struct Posted {
    std::size_t cost_bytes;
    std::optional<std::uint64_t> completes;  // the record
  };

  const Kept& kept(std::uint64_t number) const { return kept_[static_cast<std::size_t>(number - first_kept_)]; }
  void post_word(const wire::paths::Word& word);
  void post(std::uint8_t kind, const FrameHeader& header, std::span<const std::byte> payload,
            std::optional<std::uint64_t> completes);
  bool post_next();
  void send_more();
  void forget_until(std::uint64_t taken);
  bool go_on_from(std::uint64_t received, std::uint64_t taken);
  void fall(std::uint64_t link);
  void acknowledge();
  void credit(std::size_t bytes);

  // Out.
  std::deque<Kept> kept_;
  std::uint64_t first_kept_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t next_to_send_ = 0;
  std::size_t kept_bytes_ = 0;
  std::size_t pieces_sent_bytes_ = 0;  // of the record that is next, in posts
  std::optional<std::uint64_t> link_;
  std::optional<std::uint64_t> waiting_;     // for the other's Fallen on this link
  std::optional<std::uint64_t> fallen_said_;  // the last link we gave up
  PostWindow window_;
  std::deque<Posted> posted_;
  // In.
  std::deque<Arrived> arrived_;
  std::uint64_t received_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t next_posted_ = 0;  // the number of the next record in posts
  std::shared_ptr<base::Bytes> pieces_;
  std::size_t uncredited_bytes_ = 0;  // posts that came and for which no credit was given
  std::size_t freed_bytes_ = 0;       // of those, taken in
  std::size_t unacknowledged_bytes_ = 0;        // came by link, not acknowledged
  std::size_t taken_unacknowledged_bytes_ = 0;  // of those, taken in
  bool refused_ = false;
  std::vector<StreamAction> actions_;
};

}  // namespace zel::net
