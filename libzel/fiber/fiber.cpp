// Why: see fiber.hpp. The only file that knows Boost.Context and the sanitizers' view of stacks.
#include "libzel/fiber/fiber.hpp"

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ZEL_ASAN_FIBERS 1
#endif
#if __has_feature(thread_sanitizer)
#define ZEL_TSAN_FIBERS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ZEL_ASAN_FIBERS 1
#endif
#if defined(__SANITIZE_THREAD__)
#define ZEL_TSAN_FIBERS 1
#endif

#ifdef ZEL_ASAN_FIBERS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef ZEL_TSAN_FIBERS
#include <sanitizer/tsan_interface.h>
#endif

namespace zel::fiber {
namespace {

namespace bc = boost::context::detail;

// The Itanium C++ ABI's __cxa_eh_globals.
struct ExceptionGlobals {
  void* handled;
  unsigned int uncaught;
};

ExceptionGlobals& exception_globals() {
  return *reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
}

// Before a jump from `from` to `to`. A stack that is left for ever loses its fake stack.
void before_jump([[maybe_unused]] Context& from, Context& to, [[maybe_unused]] bool for_ever) {
  ExceptionGlobals& globals = exception_globals();
  from.handled_exceptions = globals.handled;
  from.uncaught_exceptions = globals.uncaught;
  globals.handled = to.handled_exceptions;
  globals.uncaught = to.uncaught_exceptions;
#ifdef ZEL_ASAN_FIBERS
  __sanitizer_start_switch_fiber(for_ever ? nullptr : &from.asan_fake_stack, to.asan_bottom, to.asan_bytes);
#endif
#ifdef ZEL_TSAN_FIBERS
  __tsan_switch_to_fiber(to.tsan_fiber, 0);
#endif
}

// After a jump, on the stack of `here`; `from` is where it came from.
void after_jump([[maybe_unused]] Context& here, [[maybe_unused]] Context* from) {
#ifdef ZEL_ASAN_FIBERS
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  __sanitizer_finish_switch_fiber(here.asan_fake_stack, &bottom, &bytes);
  if (from != nullptr) {
    from->asan_bottom = bottom;
    from->asan_bytes = bytes;
  }
#endif
}

}  // namespace

struct Fiber::Trampoline {
  static void enter(bc::transfer_t transfer) {
    auto& self = *static_cast<Fiber*>(transfer.data);
    self.resumer_.place = transfer.fctx;
    after_jump(self.own_, &self.resumer_);
    self.entry_(self, self.argument_);
    self.ended_ = true;
    self.leave(true);
    std::abort();
  }
};

Fiber::Fiber(const Stack& stack, Entry entry, void* argument)
    : stack_(stack), entry_(entry), argument_(argument) {
#ifdef ZEL_ASAN_FIBERS
  // What ran here before may have left by a jump, with its frames still poisoned.
  __asan_unpoison_memory_region(stack.bottom, stack.bytes);
#endif
  own_.place = bc::make_fcontext(stack.top(), stack.bytes, &Trampoline::enter);
  own_.asan_bottom = stack.bottom;
  own_.asan_bytes = stack.bytes;
#ifdef ZEL_TSAN_FIBERS
  own_.tsan_fiber = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#ifdef ZEL_TSAN_FIBERS
  __tsan_destroy_fiber(own_.tsan_fiber);
#endif
}

void Fiber::resume() {
#ifdef ZEL_TSAN_FIBERS
  resumer_.tsan_fiber = __tsan_get_current_fiber();
#endif
  before_jump(resumer_, own_, false);
  const bc::transfer_t transfer = bc::jump_fcontext(own_.place, this);
  own_.place = transfer.fctx;
  after_jump(resumer_, nullptr);
}

void Fiber::suspend() { leave(false); }

void Fiber::leave(bool for_ever) {
  before_jump(own_, resumer_, for_ever);
  const bc::transfer_t transfer = bc::jump_fcontext(resumer_.place, this);
  resumer_.place = transfer.fctx;
  after_jump(own_, &resumer_);
}

}  // namespace zel::fiber
