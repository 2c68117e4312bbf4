// Why: which addresses a node ends up with when it was told some, none, or one that somebody else has. The
// rule is apart from the sockets, so that it can be tested.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "wire/overlay.hpp"

namespace zel::cli {

struct Listening {
  std::vector<wire::overlay::Address> bound;
  std::string remark;  // what the user should know, or empty
};

/// Opens one address; port 0 is answered with the port it got.
using Listen = std::function<base::Result<wire::overlay::Address>(const wire::overlay::Address&)>;

/// `told`: where to listen, all of it or nothing. Empty: all interfaces at the default port, or at a free one when
/// that is taken.
base::Result<Listening> listen_as_told(const std::vector<wire::overlay::Address>& told, const Listen& listen);

}  // namespace zel::cli
