// Why: how this rank reaches each other one is decided here and nowhere else: through shared memory on its
// own host, over links and through the nodes elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "libzel/net/path.hpp"
#include "libzel/net/far.hpp"
#include "libzel/net/transport.hpp"

namespace zel::net {

class Reach {
 public:
  /// Of a job of `size` ranks. `shared` for those in `here`, null if this rank is the only one; `far` for
  /// the others, null if there are none.
  Reach(int size, const std::vector<int>& here, std::unique_ptr<Transport> shared, std::unique_ptr<Far> far);

  /// The way to `to`, made at the first call. Fails with limit_reached when the shared memory is used up.
  base::Result<Writer*> writer(int to) {
    if (Writer* known = writers_[static_cast<std::size_t>(to)]) return known;
    return make_writer(to);
  }
  /// The way from `from`, or null while it has sent nothing.
  Reader* reader(int from) const { return reader_from_[static_cast<std::size_t>(from)]; }
  const std::vector<Reader*>& readers() const { return readers_; }
  /// Tells `rank` that something it may wait for has changed. What goes to other hosts tells by itself.
  void ring(int rank) {
    if (is_here(rank)) shared_->ring(rank);
  }
  /// Learns who has begun to send. Those who began with nonsense are appended to `damaged`.
  void accept_newcomers(std::vector<int>& damaged);
  /// Forgets the way from a rank that is gone.
  void retire(int from);

  bool is_here(int rank) const { return here_[static_cast<std::size_t>(rank)] != 0; }
  /// Null if no other rank is on this host.
  Transport* shared() { return shared_.get(); }

  // Of a wait: links are looked at by whoever waits, and by a thread of their own when nobody does.
  void begin_wait() {
    if (far_ && far_->driven()) far_->begin_wait();
  }
  void end_wait() {
    if (far_ && far_->driven()) far_->end_wait();
  }
  void pump() {
    if (far_ && far_->driven()) far_->pump();
  }
  /// Whether waiting is sleeping from the start: a link's own thread needs the core that looking would take.
  bool sleeps_at_once() const { return far_ && far_->driven() && !shared_; }
  base::Duration sleep(Doorbell& doorbell, base::Duration limit) {
    return far_ ? far_->sleep(doorbell, limit, !shared_) : doorbell.sleep(limit);
  }
  /// How to wake this rank. Before anything is received.
  void set_wake(std::function<void()> wake) {
    if (far_) far_->set_wake(std::move(wake));
  }
  /// After this rank's doorbell was rung from its own process.
  void rouse() {
    if (far_) far_->rouse();
  }
  /// Waits until the others have what was sent to other hosts, at most so long.
  void drain(base::Duration limit) {
    if (far_) far_->drain(limit);
  }
  /// The log said that `rank` is gone. Any thread.
  void departed(int rank) {
    if (far_ && !is_here(rank)) far_->departed(rank);
  }

  // The thread that listens to the node. True: this rank must be woken. What does not come from a rank
  // elsewhere is ignored.
  bool deliver(wire::member::Post&& post);
  bool credit(const wire::member::PostCredit& credit);

 private:
  bool is_elsewhere(std::uint32_t rank) const { return far_ && rank < here_.size() && here_[rank] == 0; }
  base::Result<Writer*> make_writer(int to);

  std::vector<std::uint8_t> here_;  // by rank
  std::unique_ptr<Transport> shared_;
  std::unique_ptr<Far> far_;
  std::vector<Writer*> writers_;      // by receiver
  std::vector<Reader*> readers_;      // in the order they were found
  std::vector<Reader*> reader_from_;  // by sender
  std::vector<Reader*> found_;
};

}  // namespace zel::net
