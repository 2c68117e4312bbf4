// Why: to the rest of the node there is one link per peer, whoever dialled it. This holds what may carry it:
// the attempts that run, the dialled one that won, the visits of the peer at this node's doors; sends by one
// of them as long as that one lives, so that messages stay in order; and queues while there is none.
//
// A peer that was not reached is given rest before it is dialled again, longer each time, unless it calls or has
// other addresses: what may be dropped is dropped meanwhile, the rest is told to be unreachable at once.
//
// When the path in use breaks after something was sent, what was queued goes with it and the peer is told to
// be unreachable: between two such tellings, what arrives is a beginning of what was sent, with no hole in
// it.
#pragma once

#include <string>
#include <vector>

#include "daemon/io/dialler.hpp"
#include "daemon/io/link_door.hpp"
#include "daemon/io/link_queue.hpp"

namespace zel::io {

class PeerLink final : public Dialler::Owner {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual void on_peer_payload(const base::NodeId& peer, base::ByteView payload) = 0;
    virtual void on_peer_unreachable(const base::NodeId& peer, const std::string& why) = 0;
    /// Much waited for it, and little does now.
    virtual void on_peer_room(const base::NodeId& peer) = 0;
    /// A link that was dialled without knowing whose address it is. Its new owner settles it and sends the
    /// queue.
    virtual void on_stranger(PeerLink& stranger, std::unique_ptr<Dialler> dialler, LinkQueue& queue) = 0;
    /// Makes room for this many dialled links, or says that there is none.
    virtual bool make_room(std::size_t links) = 0;
  };

  /// `peer` nobody: a stranger, known by its address only.
  PeerLink(LinkGround& ground, const base::NodeId& peer, Owner& owner);

  void send(base::Bytes payload, Delivery delivery, const std::vector<wire::overlay::Address>& addresses);
  /// Without having anything to say.
  void dial_at(const std::vector<wire::overlay::Address>& addresses);
  void adopt(std::unique_ptr<Dialler> dialler);
  void on_visit(LinkDoor& door, const std::string& route);
  void on_visit_gone(LinkDoor& door, const std::string& route, const std::string& why);
  void flush();

  /// Deadlines and idle links. True while there is one closer than the next slow tick.
  bool tick(base::Time now);
  /// Nothing is left of it.
  bool empty() const {
    return attempts_.empty() && !dialled_ && leaving_.empty() && visits_.empty() && queue_.empty();
  }
  /// It was not reached, and that matters still.
  bool remembers(base::Time now) const { return now < redial_at_ + ground_.limits().last_redial; }
  bool has_path() const { return dialled_ || !visits_.empty(); }
  /// The path in use is, or the next one would be, one that was dialled here.
  bool goes_out_dialled() const { return path_ == Path::none ? dialled_ != nullptr : path_ == Path::dialled; }
  bool rests() const { return ground_.loop.now() < redial_at_ && !has_path() && attempts_.empty(); }
  std::size_t queued_bytes() const { return queue_.bytes(); }
  std::size_t dialled_links() const { return attempts_.size() + (dialled_ ? 1 : 0) + leaving_.size(); }
  bool dialled_at(const wire::overlay::Address& address) const {
    return dialled_ && dialled_->address() == address;
  }
  /// When its dialled link last carried something, if it could be closed now; else never.
  base::Time unused_since() const { return dialled_ && queue_.empty() ? dialled_used_ : base::never; }
  void close_dialled();
  void set_linger(base::Duration limit) {
    if (dialled_) dialled_->set_linger(limit);
  }

 private:
  struct Visit {
    LinkDoor* door;
    std::string route;
  };
  enum class Path : std::uint8_t { none, dialled, visit };

  void on_proved(Dialler& dialler) override;
  void on_payload(Dialler& dialler, base::ByteView payload) override;
  void on_writable(Dialler& dialler) override;
  void on_closed(Dialler& dialler, const std::string& why) override;

  void bury(std::unique_ptr<Dialler> dialler);
  void dial();
  void dial_if_waiting();
  /// It was not reached at these addresses lately.
  bool gives_rest(const std::vector<wire::overlay::Address>& addresses) const;
  void reached();
  bool choose_path();
  Sent send_by_path(base::ByteView payload);
  void path_broke(const std::string& why);
  void drop_path();
  void give_up(LinkCount kind, const std::string& why);
  std::unique_ptr<Dialler> take_attempt(const Dialler& dialler);
  std::string who() const;

  LinkGround& ground_;
  base::NodeId peer_;
  Owner& owner_;
  LinkQueue queue_;
  std::vector<wire::overlay::Address> addresses_;  // as last heard
  std::vector<std::unique_ptr<Dialler>> attempts_;
  base::Time deadline_ = base::never;  // of the attempts
  base::Duration rest_{};              // after it was not reached
  base::Time redial_at_ = base::Time::min();
  std::unique_ptr<Dialler> dialled_;
  base::Time dialled_used_ = base::Time::min();
  std::vector<std::pair<std::unique_ptr<Dialler>, base::Time>> leaving_;
  std::vector<Visit> visits_;  // the first is the one in use, if a visit is
  Path path_ = Path::none;
  bool path_used_ = false;
  bool crowded_ = false;
};

}  // namespace zel::io
