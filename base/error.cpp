#include "base/error.hpp"

#include <cstring>

namespace zel::base {

std::string_view name_of(Errc code) {
  switch (code) {
    case Errc::bad_option: return "bad_option";
    case Errc::program_not_found: return "program_not_found";
    case Errc::not_executable: return "not_executable";
    case Errc::bad_message: return "bad_message";
    case Errc::wrong_version: return "wrong_version";
    case Errc::peer_gone: return "peer_gone";
    case Errc::limit_reached: return "limit_reached";
    case Errc::refused: return "refused";
    case Errc::system: return "system";
  }
  return "unknown";
}

tl::unexpected<Error> fail_errno(std::string_view what, int error_number) {
  return fail(Errc::system, std::string(what) + ": " + std::strerror(error_number));
}

}  // namespace zel::base
