// Why: see type_registry.hpp. Types register before main() begins or when a library is loaded, and
// deregister when it is unloaded; one type may register from several libraries.
#include "libzel/task/type_registry.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace zel::task {
namespace {

struct Registry {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, std::vector<const detail::TaskType*>> types;
};

// Constructed by the first registration, hence destroyed after the last deregistration.
Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace

const detail::TaskType* find_task_type(std::uint64_t key) {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  const auto entry = all.types.find(key);
  return entry == all.types.end() ? nullptr : entry->second.front();
}

std::optional<std::string> colliding_task_types() {
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  for (const auto& [key, types] : all.types) {
    for (const detail::TaskType* type : types) {
      // Types of anonymous namespaces compare as different even if their names are the same.
      if (*type->info == *types.front()->info) continue;
      return "two task types have the same name for other processes, rename one: " +
             std::string(types.front()->info->name()) + " and " + type->info->name();
    }
  }
  return std::nullopt;
}

}  // namespace zel::task

namespace zel::detail {

std::uint64_t task_type_key(const char* mangled_name) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (; *mangled_name != '\0'; ++mangled_name) {
    hash = (hash ^ static_cast<unsigned char>(*mangled_name)) * 0x100000001b3u;
  }
  return hash;
}

void register_task_type(const TaskType& type) {
  task::Registry& all = task::registry();
  const std::lock_guard lock(all.mutex);
  all.types[type.key].push_back(&type);
}

void unregister_task_type(const TaskType& type) {
  task::Registry& all = task::registry();
  const std::lock_guard lock(all.mutex);
  const auto entry = all.types.find(type.key);
  if (entry == all.types.end()) return;
  std::erase(entry->second, &type);
  if (entry->second.empty()) all.types.erase(entry);
}

}  // namespace zel::detail
