// Why: a job must not end because a link lost a message or was made anew, and must end when the other node is
// really gone. This is one end of an ordered, reliable conversation over links that lose, repeat and reorder:
// numbered segments, cumulative acknowledgements, repetition with back-off, keep-alives, and at last the
// verdict that the other end is lost. An end that does not take what came holds the other back: what is not
// taken is not acknowledged. Pure: segments and the time in, segments out.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "wire/job.hpp"

namespace zel::job {

struct StreamConfig {
  using ms = std::chrono::milliseconds;
  base::Duration patience = ms(10'000);       // nothing heard for so long: the other end is lost
  base::Duration keep_alive = ms(1000);       // something is sent at least this often
  base::Duration ack_delay = ms(20);          // an acknowledgement waits so long for something to ride on
  base::Duration smallest_retry = ms(100);    // unacknowledged for so long (or 2 round trips): sent again
  base::Duration largest_retry = ms(2000);    // each repetition doubles the wait, up to this
  std::size_t in_flight_bytes = 4u << 20;     // sent and not acknowledged; one segment may always be
  std::size_t repeated_bytes = 256u << 10;    // sent again at a time
  std::size_t congested_bytes = 32u << 20;    // queued: who can wait must, …
  std::size_t relieved_bytes = 16u << 20;     // … until it is no more than this
  std::size_t max_queued_bytes = 256u << 20;  // queued: the conversation is broken off
  std::size_t max_early = 8192;               // segments kept that came before their turn
};

class Stream {
 public:
  /// `from_primary`: this end is the primary's.
  Stream(const wire::job::JobId& job, bool from_primary, const StreamConfig& config, base::Time now);

  /// Each payload arrives once, in the order sent, or the stream breaks.
  void send(base::Bytes payload, base::Time now);
  void on_segment(const wire::job::Segment& segment, base::Time now);
  /// What has come is acknowledged without delay: this end is about to be forgotten.
  void acknowledge(base::Time now);
  /// The other end is known to be lost.
  void break_off(const std::string& why);
  void on_timer(base::Time now);
  base::Time next_deadline() const;

  /// The first of what came, in order; nullptr: nothing waits. It is acknowledged when it is taken.
  const base::Bytes* waiting() const { return received_.empty() ? nullptr : &received_.front(); }
  base::Bytes take(base::Time now);
  /// What is to be sent; empties the list.
  std::vector<wire::job::Segment> take_segments() { return std::exchange(out_, {}); }

  /// Why the other end is lost. A broken stream sends and takes in nothing more.
  const std::optional<std::string>& broken() const { return broken_; }
  bool all_acknowledged() const { return in_flight_.empty() && queue_.empty(); }
  bool congested() const { return congested_; }
  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  struct Sent {
    std::uint64_t number;
    base::Bytes payload;
    base::Time at;
    bool repeated = false;
  };

  void on_acked(std::uint64_t acked, base::Time now);
  void on_data(const wire::job::Segment& segment, base::Time now);
  void fill_window(base::Time now);
  void repeat(base::Time now);
  void measure(base::Duration round_trip);
  void keep(base::Bytes payload);
  std::uint64_t taken() const { return delivered_ - received_.size(); }
  void emit(wire::job::SegmentKind kind, std::uint64_t number, const base::Bytes& payload, base::Time now);
  base::Duration retry_wait() const;

  wire::job::JobId job_;
  bool from_primary_;
  StreamConfig config_;

  std::deque<base::Bytes> queue_;   // not sent yet
  std::deque<Sent> in_flight_;
  std::size_t queued_bytes_ = 0;    // of both
  std::size_t in_flight_bytes_ = 0;
  std::uint64_t numbered_ = 0;      // the last number given
  base::Time retry_at_ = base::never;
  int repetitions_ = 0;             // since an acknowledgement moved
  base::Duration round_trip_{};     // smoothed; zero: not measured
  base::Duration variation_{};

  bool congested_ = false;

  std::uint64_t delivered_ = 0;     // the last number that came in its turn
  std::map<std::uint64_t, base::Bytes> early_;
  std::size_t early_bytes_ = 0;
  base::Time ack_at_ = base::never;
  base::Time last_sent_;
  base::Time last_heard_;

  std::optional<std::string> broken_;
  std::deque<base::Bytes> received_;  // and is not taken
  std::size_t received_bytes_ = 0;
  std::vector<wire::job::Segment> out_;
};

}  // namespace zel::job
