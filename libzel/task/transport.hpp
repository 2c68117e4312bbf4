// Why: the runtime drives stealing over anything that carries bytes between ranks in order: the message
// layer of a job, or a simulated network in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "libzel/task/presence.hpp"

namespace zel::task {

struct Received {
  int from = 0;
  base::Bytes bytes;
};

/// Bytes between ranks, in order per pair. Used by one thread. What it throws ends the computation.
class TaskTransport {
 public:
  virtual ~TaskTransport() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;

  /// Also to a rank that has not joined yet. False if it is gone.
  virtual bool send(int to, base::ByteView bytes) = 0;
  /// The next message that is there, if any.
  virtual std::optional<Received> poll() = 0;
  /// Returns when something may have arrived or a member may have come or gone, at the latest at `deadline`
  /// (`never`: for ever). May return early.
  virtual void wait(base::Time deadline) = 0;
  /// Any thread: the wait that goes on, or else the next one, returns early. Not called in a rank of one thread.
  virtual void wake() {}

  /// Changes whenever presence() may have.
  virtual std::uint64_t members_version() const = 0;
  /// By rank.
  virtual std::vector<Presence> presence() const = 0;

  /// Whether poll() or presence() may have news, asked at every spawn: a plain function, to be cheap.
  struct Pending {
    bool (*ask)(const void* of) = nullptr;  // null: never
    const void* of = nullptr;
  };
  virtual Pending pending() const = 0;
};

/// The clocks of one rank.
class TaskClock {
 public:
  virtual ~TaskClock() = default;
  virtual base::Time now() const = 0;
  /// Processor time of the calling thread.
  virtual base::Duration processor_time() const = 0;
};

}  // namespace zel::task
