#include "zrun/running_node.hpp"

#include <unistd.h>

#include <cstdlib>

#include "wire/local_node.hpp"

namespace zel::zrun {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

base::Result<NodeProcess> find_node(const std::string& wish) {
  if (wish == "private") return start_private_node();
  const auto directory = wire::node_directory(wish, variable("ZEL_RUNTIME_DIR"),
                                              wire::default_runtime_directory(variable("XDG_RUNTIME_DIR"), ::geteuid()));
  if (!directory) return base::fail(directory.error().code, "--node: " + directory.error().text);
  auto connection = wire::connect_local(*directory + "/" + std::string(wire::run_socket_name));
  if (connection) return NodeProcess{-1, std::move(*connection), *directory};
  const bool stuck = connection.error().code == base::Errc::limit_reached;
  if (wish.empty() && !stuck) return start_private_node();
  if (wish.empty()) return tl::unexpected(connection.error());
  if (connection.error().code != base::Errc::peer_gone) return base::fail(connection.error().code, "--node: " + connection.error().text);
  return base::fail(base::Errc::peer_gone, "--node " + wish + ": no node runs there (looked in " + *directory +
                                               "); start one with 'zeld start', or leave --node out");
}

}  // namespace zel::zrun
