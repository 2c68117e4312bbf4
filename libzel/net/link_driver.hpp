// Why: direct links need a network library, and a job on one host must not pay for one: linking it makes a process
// start several times dearer. So it stands in a shared object of its own, loaded when the first rank on another host
// is met, and this is all the two know of one another. A second one of these is what tests put in its place.
#pragma once

#include <poll.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "libzel/net/frame.hpp"
#include "wire/paths.hpp"

namespace zel::net {

using ConnectionId = std::uint64_t;

/// Not thread-safe: one thread at a time.
class LinkDriver {
 public:
  /// What pump() tells.
  class Sink {
   public:
    virtual ~Sink() = default;
    /// A dial got through, and the other end has the key it should have.
    virtual void on_connected(ConnectionId connection) = 0;
    /// `holder` keeps the bytes. A connection that was not dialled here begins with its first frame.
    virtual void on_bytes(int rank, ConnectionId connection, std::span<const std::byte> bytes,
                          std::shared_ptr<const void> holder) = 0;
    /// It ended by itself.
    virtual void on_closed(ConnectionId connection, const std::string& why) = 0;
  };

  virtual ~LinkDriver() = default;
  virtual const wire::paths::Key& key() const = 0;
  virtual std::uint16_t port() const = 0;
  /// Connections from whoever has this key are taken, and are this rank's.
  virtual void admit(int rank, const wire::paths::Key& key) = 0;
  virtual void dismiss(int rank) = 0;
  virtual ConnectionId dial(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port) = 0;
  /// From `own_port`, again and again until it is closed; with `serve` this end plays the server.
  virtual ConnectionId meet(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port,
                            std::uint16_t own_port, bool serve) = 0;
  enum class Sent {
    yes,
    look,  // yes, and the next pump() may find what no descriptor shows
    no,    // it has ended; on_closed may follow
  };
  virtual Sent send(ConnectionId connection, const Frame& frame) = 0;
  virtual void close(ConnectionId connection) = 0;
  /// Takes in what there is, without waiting, within bounds. True: there may be more. Not `thorough`: what connections
  /// bring, and not what becomes of them, which goes on to show in a descriptor.
  virtual bool pump(Sink& sink, bool thorough) = 0;
  /// What becomes readable when pump() should be called. What connections
  /// bring shows there once, with events POLLIN; what is for a thorough pump has more in events.
  virtual void descriptors(std::vector<pollfd>& polled) const = 0;
};

/// What a driver's shared object has: `extern "C"`, under this name. Listens on all of `addresses`. Null: it cannot,
/// `why` says what is wrong.
using OpenDriver = LinkDriver* (*)(const std::vector<std::string>& addresses, std::string& why);
inline constexpr const char* open_driver_symbol = "zel_open_link_driver_1";

}  // namespace zel::net
