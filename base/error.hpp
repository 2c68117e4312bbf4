// Why: an expected failure (a missing program, a peer that went away) is a value, not an exception, and
// every kind of failure stands in one list, so that a message and an exit status can be derived from it.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace zel::base {

enum class Errc {
  bad_option,         // what the user asked for makes no sense
  program_not_found,  // nothing at that path, or nowhere in PATH
  not_executable,     // there, but cannot be executed
  bad_message,        // malformed, oversized or out-of-order bytes from a peer
  wrong_version,      // the peer speaks another version of the protocol
  peer_gone,          // the other end of a connection closed
  limit_reached,      // a bounded queue, table or wait is full or over
  refused,            // the peer understood and said no
  system,             // a system call failed; the text carries errno's words
};

/// The name of a kind of failure, for logs and JSON. Never empty.
std::string_view name_of(Errc code);

/// A failure and one line about it that names what, where and what to do next.
struct Error {
  Errc code;
  std::string text;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string text) {
  return tl::unexpected<Error>(Error{code, std::move(text)});
}

/// An Error of kind `system` whose text is "<what>: <words for error_number>".
tl::unexpected<Error> fail_errno(std::string_view what, int error_number);

}  // namespace zel::base
