// Why: a spawned task lives where it was spawned, in a local variable of its parent; everything else
// (deque, thieves' replies, the runtime) refers to it through this base, and packs it only if it leaves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <typeinfo>
#include <utility>
#include <vector>

#include "zel/export.hpp"
#include "zel/pack.hpp"
#include "zel/task_check.hpp"
#include "zel/task_scope.hpp"

namespace zel::detail {

class TaskFrame;

/// What a process must know of a task type to run one that another process packed.
struct TaskType {
  std::uint64_t key;           // the same in every process: a hash of the type's mangled name
  const std::type_info* info;  // tells two types with one name or one hash apart
  std::unique_ptr<TaskFrame> (*make)(std::span<const std::byte> packed);
};

/// 64-bit FNV-1a of a mangled name.
ZEL_API std::uint64_t task_type_key(const char* mangled_name);
ZEL_API void register_task_type(const TaskType& type);
ZEL_API void unregister_task_type(const TaskType& type);

/// queued: in a deque, or with whoever took it out. awaited: the same, and its parent waits. done, failed:
/// settled. taken: the result has been handed to the parent.
enum class FrameState : std::uint8_t { fresh, queued, awaited, done, failed, taken };

/// Who waits for a frame.
class FrameWaiter {
 public:
  virtual void frame_settled() = 0;

 protected:
  ~FrameWaiter() = default;
};

/// A task, and later its result. It belongs to one thread at a time: to its parent's, or to that which took
/// it out of the deque, until the state says that it is settled.
class TaskFrame {
 public:
  TaskFrame() = default;
  TaskFrame(const TaskFrame&) = delete;
  TaskFrame& operator=(const TaskFrame&) = delete;
  virtual ~TaskFrame() = default;

  virtual const TaskType& type() const = 0;
  /// Runs the task and keeps its result or its exception; says which. The state is the caller's to set.
  virtual FrameState run() noexcept = 0;
  virtual std::vector<std::byte> pack_task() const = 0;
  virtual std::vector<std::byte> pack_result() const = 0;
  /// Keeps the result; the state is the caller's to set. Throws Error: malformed.
  virtual void unpack_result(std::span<const std::byte> packed) = 0;

  bool settled() const { return state.load(std::memory_order_acquire) >= FrameState::done; }
  /// By whom it belongs to, once: says that it is settled, and wakes who waits. The frame may be gone after.
  void settle(FrameState how) {
    if (state.exchange(how, std::memory_order_acq_rel) == FrameState::awaited) waiter->frame_settled();
  }
  void settle_failed(std::exception_ptr cause) {
    error = std::move(cause);
    settle(FrameState::failed);
  }

  std::atomic<FrameState> state{FrameState::fresh};
  bool foreign = false;                // a copy of another rank's task
  const TaskScope* scope = nullptr;    // what it was spawned in
  FrameWaiter* waiter = nullptr;       // once awaited
  std::exception_ptr error;            // once failed
};

template <class T>
class TypedFrame;

/// Makes a task type known before main() begins, in every process that contains a spawn of it.
template <class T>
class TaskRegistration {
 public:
  TaskRegistration() { register_task_type(type); }
  ~TaskRegistration() { unregister_task_type(type); }
  TaskRegistration(const TaskRegistration&) = delete;
  TaskRegistration& operator=(const TaskRegistration&) = delete;

  TaskType type{task_type_key(typeid(T).name()), &typeid(T),
                [](std::span<const std::byte> packed) -> std::unique_ptr<TaskFrame> {
                  return std::make_unique<TypedFrame<T>>(unpack<T>(packed));
                }};
};
template <class T>
inline const TaskRegistration<T> task_registration{};

template <class T>
class TypedFrame final : public TaskFrame {
 public:
  using Result = ResultOf<T>;

  explicit TypedFrame(T value) : task(std::move(value)) {}

  const TaskType& type() const override { return task_registration<T>.type; }
  FrameState run() noexcept override {
    try {
      result.emplace(task.run());
      return FrameState::done;
    } catch (...) {
      error = std::current_exception();
      return FrameState::failed;
    }
  }
  std::vector<std::byte> pack_task() const override { return pack(task); }
  std::vector<std::byte> pack_result() const override { return pack(*result); }
  void unpack_result(std::span<const std::byte> packed) override {
    result.emplace(unpack<Result>(packed));
  }
  /// The result of a settled frame, once.
  Result take() {
    if (state.load(std::memory_order_relaxed) == FrameState::failed) std::rethrow_exception(error);
    state.store(FrameState::taken, std::memory_order_relaxed);
    return std::move(*result);
  }

  T task;
  std::optional<Result> result;
};

}  // namespace zel::detail
