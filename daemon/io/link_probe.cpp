#include "daemon/io/link_probe.hpp"

#include <algorithm>

namespace zel::io {

LinkProbe::LinkProbe(LinkGround& ground, const wire::overlay::PeerRecord& peer, Done done)
    : ground_(ground), peer_(peer.id), done_(std::move(done)), deadline_(ground.loop.now() + ground.limits().connect) {
  for (const auto& address : peer.addresses) {
    if (attempts_.size() >= wire::overlay::max_addresses) break;
    if (!wire::overlay::valid(address)) continue;
    try {
      attempts_.push_back(std::make_unique<Dialler>(ground_, address, *this));
    } catch (const zmq::error_t& error) {
      ground_.count(LinkCount::full, std::string("no socket to dial back: ") + error.what());
    }
  }
}

LinkProbe::~LinkProbe() {
  for (auto& attempt : attempts_) attempt->mute();
}

void LinkProbe::end(const Dialler& dialler) {
  const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                  [&](const auto& attempt) { return attempt.get() == &dialler; });
  if (found == attempts_.end()) return;
  (*found)->mute();
  ground_.bury(std::move(*found));
  attempts_.erase(found);
}

void LinkProbe::on_proved(Dialler& dialler) {
  if (dialler.peer() == peer_) reached_.push_back(dialler.address());
  end(dialler);
}

void LinkProbe::on_closed(Dialler& dialler, const std::string&) { end(dialler); }

bool LinkProbe::tick(base::Time now) {
  if (!attempts_.empty() && now < deadline_) return false;
  for (auto& attempt : std::exchange(attempts_, {})) {
    attempt->mute();
    ground_.bury(std::move(attempt));
  }
  done_(std::move(reached_));
  return true;
}

}  // namespace zel::io
