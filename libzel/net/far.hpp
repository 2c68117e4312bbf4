// Why: all ranks of the job that are on other hosts. Here the engines (a stream per rank, the ladder) meet what carries
// them out: the node, and the links once there are any. Three threads come here, one at a time: that of the messages,
// the listener to the node, and the bell, which looks after links while the program does something else.
//
// far.cpp has the streams and posts, far_links.cpp the links and the ladder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "libzel/net/bell.hpp"
#include "libzel/net/doorbell.hpp"
#include "libzel/net/far_peer.hpp"
#include "libzel/net/ladder.hpp"
#include "libzel/net/link_driver.hpp"

namespace zel::net {

struct FarSetup {
  int rank = 0;
  int size = 1;
  std::uint64_t seed = 1;
  std::string host;                    // what ranks on one host have in common
  std::vector<std::string> addresses;  // where links are taken; none: no links
  std::vector<std::string> outside;    // where others see this host come from, if that is elsewhere
  bool shut = false;                   // others could not dial the node here
  Carry carry;                         // from any thread, one at a time; not called again after it said false
  std::function<std::unique_ptr<LinkDriver>(const std::vector<std::string>&, std::string& why)> open_driver;
};

/// Why a rank of a node that listens nowhere has no links.
inline constexpr const char* no_links = "its node listens nowhere, or ZEL_PATHS says so";

class Far final : private LinkDriver::Sink, private Bell::Work {
 public:
  explicit Far(FarSetup setup);
  ~Far() override;
  Far(const Far&) = delete;
  Far& operator=(const Far&) = delete;
  /// How to wake the owner, should it sleep. Before anything else.
  void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }

  // The listener. `from` is below size. True: the owner may wait for it.
  bool deliver(int from, wire::member::Post&& post);
  bool credit(int from, std::uint32_t bytes);
  /// The log said that it is gone: nothing is to be waited for.
  void departed(int rank);

  // The owner.
  FarPeer* peer(int rank);
  /// Appends those from whom something came for the first time.
  void accept_newcomers(std::vector<Reader*>& found) {
    if (newcomers_waiting_.load(std::memory_order_acquire)) find_newcomers(found);
  }
  /// Whether links may bring something.
  bool driven() const { return driven_.load(std::memory_order_acquire); }
  /// Looks at the links.
  void pump();
  /// From begin_wait() to end_wait() the owner looks by itself, except while it sleeps. `polls`: it sleeps at once, in
  /// poll, and what comes shows there; so pump() need not look.
  void begin_wait(bool polls) {
    polls_ = polls;
    bell_.owner_looks();
  }
  void end_wait() {
    polls_ = false;
    bell_.owner_is_done();
  }
  /// As doorbell.sleep(), and until something may have come by a link. `alone`: nobody rings it from another process.
  base::Duration sleep(Doorbell& doorbell, base::Duration limit, bool alone);
  /// After the doorbell was rung from this process.
  void rouse();
  /// Waits until the others have what was sent, at most so long.
  void drain(base::Duration limit);
  /// How ranks on other hosts were reached: a line for each host that is known, and each rank of whom it is not.
  std::vector<wire::paths::PathLine> report();

 private:
  friend class FarPeer;
  struct Lost {
    int rank;
    std::uint64_t link;
  };

  base::Duration sleep_in_poll(Doorbell& doorbell, base::Duration limit);
  FarPeer& known(int rank);
  void find_newcomers(std::vector<Reader*>& found);

  // With the lock held.
  bool leads(int rank) const { return setup_.rank < rank; }
  void carry_out(FarPeer& peer);
  void perform(FarPeer& peer, StreamAction&& action);
  void say(FarPeer& peer, const wire::paths::Word& word);
  bool hear(FarPeer& peer, base::ByteView payload);
  void note(FarPeer& peer);
  void cut_off(FarPeer& peer);
  void part_with(FarPeer& peer);
  bool is_drained(FarPeer& peer);
  // Of those, about links.
  void want_link(FarPeer& peer);
  void introduce(FarPeer& peer);
  Ground ground_to(const FarPeer& peer) const;
  void on_contact(FarPeer& peer, wire::paths::Contact&& contact);
  void climb();
  void perform(LadderAction&& action);
  void dial(FarPeer& peer, std::uint64_t link, bool begins,
            const std::function<ConnectionId(const std::string& address)>& start);
  void close_attempts(FarPeer& peer, std::uint64_t link, ConnectionId but = 0);
  void close_link(FarPeer& peer, std::uint64_t link);
  void lose_link(FarPeer& peer, std::uint64_t link);
  void take_link(FarPeer& peer, std::uint64_t link, ConnectionId connection, const FrameHeader& header);
  void take_frame(FarPeer& peer, const FrameHeader& header, std::span<const std::byte> payload,
                  std::shared_ptr<const void> holder);
  FrameHeader about(const FarPeer& peer, FrameType type, std::uint64_t link) const;
  void send(FarPeer& peer, ConnectionId connection, const Frame& frame);
  /// After sending from elsewhere than a look at the links: it may have taken the sign that something came.
  void have_looked_after();
  bool pump_links(LinkDriver::Look look = LinkDriver::Look::thorough);

  void on_connected(ConnectionId connection) override;
  void on_bytes(int rank, ConnectionId connection, std::span<const std::byte> bytes,
                std::shared_ptr<const void> holder) override;
  void on_closed(ConnectionId connection, const std::string& why) override;
  base::Time run_due() override;
  void descriptors(std::vector<pollfd>& polled) override;
  void pump_for_owner() override;

  FarSetup setup_;
  std::function<void()> wake_;
  const pid_t process_;
  std::atomic<bool> newcomers_waiting_{false};
  std::atomic<bool> driven_{false};
  std::atomic<bool> in_poll_{false};
  base::UniqueFd rouse_;
  std::vector<pollfd> polled_;  // of the owner
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<FarPeer>> peers_;  // by rank
  std::vector<Reader*> newcomers_;
  std::vector<int> to_introduce_;
  std::vector<Lost> lost_;
  std::unique_ptr<LinkDriver> driver_;
  bool driver_tried_ = false;
  std::string no_driver_;
  std::map<ConnectionId, int> rank_of_;  // of connections we dialled, and of links
  Ladder ladder_;
  base::Time bell_wakes_ = base::never;
  bool node_lost_ = false;
  bool look_again_ = false;  // what came shows in no descriptor
  unsigned pumps_ = 0;       // the owner's
  bool polls_ = false;       // the owner's
  bool left_over_ = false;   // the last pump stopped early
  bool news_ = false;        // the owner may wait for it
  Bell bell_;                // last: its thread ends first
};

}  // namespace zel::net
