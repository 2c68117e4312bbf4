// Why: see shared_registry.hpp, and what a shared value asks of the worker that improved it.
#include "libzel/task/shared_registry.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <mutex>

#include "zel/error.hpp"
#include "zel/task_worker.hpp"

namespace zel::task {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<detail::SharedValue*> values;
};

// Constructed by the first registration, hence destroyed after the last deregistration.
Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

std::vector<detail::SharedValue*> shared_values() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::vector<detail::SharedValue*> values = all.values;
  std::sort(values.begin(), values.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  return values;
}

std::optional<std::string> colliding_shared_values() {
  const auto values = shared_values();
  const auto same = std::adjacent_find(values.begin(), values.end(),
                                       [](const auto* a, const auto* b) { return a->key() == b->key(); });
  if (same == values.end()) return std::nullopt;
  return "two shared values have the same name for other processes, rename one: " +
         std::string((*same)->name()) + " and " + (*std::next(same))->name();
}

SharedValues::Taken RegisteredValues::take(std::size_t index, base::ByteView packed) {
  try {
    return values_[index]->take(packed) ? Taken::better : Taken::no_better;
  } catch (const std::exception&) {
    return Taken::malformed;
  }
}

}  // namespace zel::task

namespace zel::detail {

SharedValue::SharedValue(const char* name) : name_(name), key_(task_type_key(name)) {
  task::Registry& all = task::registry();
  const std::lock_guard lock(all.mutex);
  all.values.push_back(this);
}

SharedValue::~SharedValue() {
  task::Registry& all = task::registry();
  const std::lock_guard lock(all.mutex);
  std::erase(all.values, this);
}

void SharedValue::check_inside() {
  if (current_worker != nullptr) return;
  throw Error(Errc::usage,
              "a zel::Shared was improved outside a task: each compute() begins with its initial value");
}

void SharedValue::check_size(std::size_t bytes) {
  if (bytes <= max_shared_bytes) return;
  throw Error(Errc::limit_reached, "a shared value of " + std::to_string(bytes) + " bytes: at most " +
                                       std::to_string(max_shared_bytes) + " are spread");
}

void SharedValue::improved() {
  // Before whoever is to spread it is looked for: it either sees this, or is seen to sleep and woken.
  version_.fetch_add(1, std::memory_order_seq_cst);
  current_worker->tell_ranks();
}

}  // namespace zel::detail
