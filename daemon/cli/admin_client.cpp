#include "daemon/cli/admin_client.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "daemon/cli/command.hpp"
#include "wire/channel.hpp"
#include "wire/local_node.hpp"

namespace zel::cli {

namespace {

constexpr auto patience = std::chrono::seconds(10);

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

NodeWish add_node_option(CLI::App& app) {
  auto wish = std::make_shared<std::string>();
  app.add_option("--node,--runtime-dir", *wish,
                 "Which node: its runtime directory, or the address it listens at on this machine "
                 "(default: ZEL_RUNTIME_DIR, else $XDG_RUNTIME_DIR/zel, else /tmp/zel-UID)")
      ->option_text("DIR|ADDRESS");
  return wish;
}

std::string default_directory() { return wire::default_runtime_directory(variable("XDG_RUNTIME_DIR"), ::geteuid()); }

std::string registry_directory() { return default_directory() + "/" + std::string(wire::registry_name); }

base::Result<std::string> directory_of(const std::string& wish) {
  return wire::node_directory(wish, variable("ZEL_RUNTIME_DIR"), default_directory());
}

base::Result<wire::admin::Reply> ask(const std::string& directory, const wire::admin::Request& request) {
  auto socket = wire::connect_local(directory + "/" + std::string(wire::admin_socket_name));
  if (!socket) {
    if (socket.error().code != base::Errc::peer_gone) return tl::unexpected(socket.error());
    return base::fail(base::Errc::peer_gone, "no node runs here (looked in " + directory + "); start one with 'zeld start'");
  }
  wire::Channel channel(std::move(*socket));
  channel.push(wire::admin::encode(request));
  if (auto sent = channel.flush_within(patience); !sent) return tl::unexpected(sent.error());
  auto bytes = channel.receive_within(patience);
  if (!bytes) {
    return base::fail(bytes.error().code, "the node in " + directory + " does not answer: " + bytes.error().text);
  }
  auto reply = wire::admin::decode_reply(*bytes);
  if (!reply) return tl::unexpected(reply.error());
  if (const auto* refused = std::get_if<wire::admin::Refused>(&*reply)) return base::fail(base::Errc::refused, refused->text);
  return reply;
}

int status_of(const base::Error& error) {
  return error.code == base::Errc::bad_option ? exit_status::bad_options : exit_status::failed;
}

int complain(const base::Error& error) {
  std::fprintf(stderr, "zeld: %s\n", error.text.c_str());
  return status_of(error);
}

}  // namespace zel::cli
