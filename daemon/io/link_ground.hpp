// Why: doors, diallers and peers of one node stand on the same things; handing them around one by one hides
// what each is about.
#pragma once

#include <memory>
#include <vector>
#include <zmq.hpp>

#include "daemon/io/event_loop.hpp"
#include "daemon/io/link_counters.hpp"
#include "daemon/io/link_setup.hpp"

namespace zel::io {

struct LinkGround {
  EventLoop& loop;
  LinksSetup setup;
  LinkKeys answering;
  LinkCounters counters;
  zmq::context_t context{1};
  std::size_t queued_bytes = 0;               // of all peers
  std::uint64_t next_name = 0;                // of a monitor
  std::vector<std::shared_ptr<void>> buried;  // closed, but maybe still on the call stack

  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  LinkGround(EventLoop& event_loop, LinksSetup given)
      : loop(event_loop),
        setup(std::move(given)),
        answering(answering_keys(setup.realm)),
        counters(setup.log) {
    context.set(zmq::ctxopt::max_sockets, 16384);
  }
  const LinkLimits& limits() const { return setup.limits; }
  void count(LinkCount kind, const std::string& what) { counters.add(kind, loop.now(), what); }
  /// Destroys it when nobody can be inside it any more.
  template <class T>
  void bury(std::unique_ptr<T> dead) {
    if (!dead) return;
    buried.push_back(std::shared_ptr<T>(std::move(dead)));
    loop.defer([this, still = std::weak_ptr<bool>(alive)] {
      if (still.lock()) std::exchange(buried, {}).clear();
    });
  }
};

}  // namespace zel::io
