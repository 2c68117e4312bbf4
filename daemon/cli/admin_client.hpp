// Why: every subcommand but start asks the running node one thing; finding it, asking, and what to say when
// there is none stand here once.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "wire/admin.hpp"

namespace zel::cli {

/// --node and its other name --runtime-dir, as typed.
using NodeWish = std::shared_ptr<std::string>;
NodeWish add_node_option(CLI::App& app);

/// The runtime directory that is meant. Errors: bad_option.
base::Result<std::string> directory_of(const std::string& wish);
/// The one a node has unless told otherwise, and the folder of links in it.
std::string default_directory();
std::string registry_directory();

/// Asks the node in this directory. Errors: peer_gone: none runs there (the text says what to do); refused: it
/// said no; others.
base::Result<wire::admin::Reply> ask(const std::string& directory, const wire::admin::Request& request);

/// Asks the node that `wish` means for an answer of this kind.
template <class Answer>
base::Result<Answer> ask_for(const std::string& wish, const wire::admin::Request& request) {
  const auto directory = directory_of(wish);
  if (!directory) return tl::unexpected(directory.error());
  auto reply = ask(*directory, request);
  if (!reply) return tl::unexpected(reply.error());
  if (auto* answer = std::get_if<Answer>(&*reply)) return std::move(*answer);
  return base::fail(base::Errc::bad_message, "the node answered something else than it was asked");
}

/// The exit status that goes with a failure.
int status_of(const base::Error& error);
/// One line on standard error; the exit status that goes with it.
int complain(const base::Error& error);

}  // namespace zel::cli
