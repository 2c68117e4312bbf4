#include "daemon/cli/listening.hpp"

#include "wire/address.hpp"

namespace zel::cli {

base::Result<Listening> listen_as_told(const std::vector<wire::overlay::Address>& told, const Listen& listen) {
  Listening listening;
  for (const auto& address : told) {
    auto bound = listen(address);
    if (!bound) return tl::unexpected(bound.error());
    listening.bound.push_back(std::move(*bound));
  }
  if (!told.empty()) return listening;
  auto bound = listen({"0.0.0.0", wire::default_port});
  if (!bound) {
    bound = listen({"0.0.0.0", 0});
    if (!bound) return tl::unexpected(bound.error());
    listening.remark = "port " + std::to_string(wire::default_port) + " is taken by another program";
  }
  listening.bound.push_back(std::move(*bound));
  return listening;
}

}  // namespace zel::cli
