// Why: two nodes on one machine must not take the same port for theirs. This keeps one: nobody is accepted,
// and nobody else gets it.
#pragma once

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "wire/overlay.hpp"

namespace zel::io {

class PortHold {
 public:
  /// Port 0: any free one. Errors: limit_reached: another program has it; system.
  static base::Result<PortHold> take(const wire::overlay::Address& address);
  const wire::overlay::Address& address() const { return address_; }

 private:
  PortHold(base::UniqueFd socket, wire::overlay::Address address);
  base::UniqueFd socket_;
  wire::overlay::Address address_;
};

}  // namespace zel::io
