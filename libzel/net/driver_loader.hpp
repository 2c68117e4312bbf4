// Why: the network library comes with a shared object that is loaded when the first rank on another host is met. It
// stands beside libzel, wherever that was put.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libzel/net/link_driver.hpp"

namespace zel::net {

/// Null: there is none, `why` says what is wrong. The object stays loaded.
std::unique_ptr<LinkDriver> load_driver(const std::vector<std::string>& addresses, std::string& why);

}  // namespace zel::net
