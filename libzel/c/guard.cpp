// Why: see guard.hpp.
#include "libzel/c/guard.hpp"

#include <cstdio>

#include "zel.h"

namespace zel::c {
namespace {

thread_local char last_text[1024] = "";
thread_local int last_rank = -1;

int code_of(Errc code) {
  switch (code) {
    case Errc::usage: return ZEL_USAGE;
    case Errc::no_such_member: return ZEL_NO_SUCH_MEMBER;
    case Errc::member_lost: return ZEL_MEMBER_LOST;
    case Errc::node_lost: return ZEL_NODE_LOST;
    case Errc::too_large: return ZEL_TOO_LARGE;
    case Errc::limit_reached: return ZEL_LIMIT_REACHED;
    case Errc::malformed: return ZEL_MALFORMED;
    case Errc::task_failed: return ZEL_TASK_FAILED;
    case Errc::group_broken: return ZEL_GROUP_BROKEN;
    case Errc::aborted:  // tasks are not part of this interface
    case Errc::system: break;
  }
  return ZEL_SYSTEM;
}

}  // namespace

int keep_error(Errc code, const char* text, int rank) noexcept {
  std::snprintf(last_text, sizeof last_text, "%s", text);
  last_rank = rank;
  return code_of(code);
}

int keep_error(const Error& error) noexcept { return keep_error(error.code(), error.what(), error.rank()); }

}  // namespace zel::c

extern "C" {

const char* zel_error_text(void) { return zel::c::last_text; }
int zel_error_rank(void) { return zel::c::last_rank; }

const char* zel_code_name(int code) {
  static const char* const names[] = {"ok",        "usage",         "no_such_member", "member_lost", "node_lost",   "too_large",
                                      "limit_reached", "malformed", "task_failed",    "system",      "group_broken"};
  return code >= ZEL_OK && code <= ZEL_GROUP_BROKEN ? names[code] : "unknown";
}

}  // extern "C"
