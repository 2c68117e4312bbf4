// Why: C has no exceptions. What a call of libzel throws becomes a code and a text of the thread's, here and nowhere else.
#pragma once

#include <exception>
#include <new>
#include <utility>

#include "zel/error.hpp"

namespace zel::c {

int keep_error(Errc code, const char* text, int rank) noexcept;
int keep_error(const Error& error) noexcept;

/// Runs `call`; ZEL_OK, or the code of what it threw.
template <class Call>
int guarded(Call&& call) noexcept {
  try {
    std::forward<Call>(call)();
    return 0;
  } catch (const Error& error) {
    return keep_error(error);
  } catch (const std::bad_alloc&) {
    return keep_error(Errc::system, "there is no memory", -1);
  } catch (const std::exception& error) {
    return keep_error(Errc::system, error.what(), -1);
  } catch (...) {
    return keep_error(Errc::system, "something was thrown that is no exception", -1);
  }
}

/// Throws Error: usage, if one of them is null.
template <class... Pointers>
void need(const Pointers*... pointers) {
  if (((pointers == nullptr) || ...)) throw Error(Errc::usage, "a null was given where something is needed");
}

}  // namespace zel::c
