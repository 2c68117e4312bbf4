// Why: zrun and the zeld subcommands find the node of this user on this machine by the same rules, and talk
// to nobody else: a socket in a place where others may write could be somebody else's trap.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"
#include "wire/overlay.hpp"

namespace zel::wire {

inline constexpr std::string_view run_socket_name = "run.sock";
inline constexpr std::string_view admin_socket_name = "admin.sock";
/// Links from addresses to runtime directories, in the default one.
inline constexpr std::string_view registry_name = "nodes";
/// The longest path of a Unix socket.
inline constexpr std::size_t max_socket_path_bytes = 107;

/// Where a node lives unless told otherwise: $XDG_RUNTIME_DIR/zel, else /tmp/zel-UID.
std::string default_runtime_directory(std::string_view xdg_runtime_dir, unsigned uid);

/// The name of a node's link in the registry: "127.0.0.1_7411".
std::string registry_entry(const overlay::Address& address);

/// Which directory `node` (what --node says: a directory or an address) means; empty: `from_environment`
/// (ZEL_RUNTIME_DIR), or the default one. Errors: bad_option, when nothing of this user listens at the address.
base::Result<std::string> node_directory(const std::string& node, const std::string& from_environment,
                                         const std::string& default_directory);

/// Connects to a socket of this user's, or root's, node. peer_gone when nobody listens there, refused when
/// somebody else does, limit_reached when whoever listens is too busy, or stopped, to take it.
base::Result<base::UniqueFd> connect_local(const std::string& path,
                                           std::chrono::milliseconds limit = std::chrono::seconds(5));

/// Whether the other end of a local connection is this user or root.
bool is_same_user(int socket);

}  // namespace zel::wire
