// Why: whether a peer can be dialled is not answered by a link that it made itself. This dials it anew at each of some
// addresses, waits until it has proved itself there, and hangs up.
#pragma once

#include <functional>
#include <vector>

#include "daemon/io/dialler.hpp"

namespace zel::io {

class LinkProbe final : public Dialler::Owner {
 public:
  using Done = std::function<void(std::vector<wire::overlay::Address> reached)>;

  LinkProbe(LinkGround& ground, const wire::overlay::PeerRecord& peer, Done done);
  ~LinkProbe() override;

  /// True when all is over and told.
  bool tick(base::Time now);
  std::size_t dialled_links() const { return attempts_.size(); }

 private:
  void on_proved(Dialler& dialler) override;
  void on_payload(Dialler&, base::ByteView) override {}
  void on_writable(Dialler&) override {}
  void on_closed(Dialler& dialler, const std::string& why) override;
  void end(const Dialler& dialler);

  LinkGround& ground_;
  base::NodeId peer_;
  Done done_;
  base::Time deadline_;
  std::vector<std::unique_ptr<Dialler>> attempts_;
  std::vector<wire::overlay::Address> reached_;
};

}  // namespace zel::io
