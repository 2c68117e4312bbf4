// Why: zel.h's groups and collective operations.
#include "zel/group.hpp"

#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "libzel/c/guard.hpp"
#include "libzel/c/handles.hpp"

using zel::c::guarded;
using zel::c::need;

namespace {

using Combine = zel::Group::Combine;

std::span<std::byte> room_of(void* bytes, size_t size) {
  if (size > 0) need(bytes);
  return {static_cast<std::byte*>(bytes), size};
}
std::span<const std::byte> bytes_of(const void* bytes, size_t size) {
  if (size > 0) need(bytes);
  return {static_cast<const std::byte*>(bytes), size};
}

/// The size of something `count` times, or usage.
size_t times(size_t size, size_t count) {
  size_t product = 0;
  if (__builtin_mul_overflow(size, count, &product)) throw zel::Error(zel::Errc::usage, "a buffer larger than all memory");
  return product;
}

template <class T, class Operation>
Combine combining(Operation operation) {
  return [operation](std::span<std::byte> ours, std::span<const std::byte> theirs, bool) {  // all commute
    auto* into = reinterpret_cast<T*>(ours.data());
    const auto* other = reinterpret_cast<const T*>(theirs.data());
    for (size_t at = 0; at < ours.size() / sizeof(T); ++at) into[at] = operation(into[at], other[at]);
  };
}

template <class T>
Combine combine_of(zel_operation operation) {
  switch (operation) {
    case ZEL_SUM: return combining<T>(zel::sum);
    case ZEL_PRODUCT: return combining<T>(zel::product);
    case ZEL_MINIMUM: return combining<T>(zel::minimum);
    case ZEL_MAXIMUM: return combining<T>(zel::maximum);
    case ZEL_AND:
      if constexpr (std::is_integral_v<T>) return combining<T>(zel::conjunction);
      break;
    case ZEL_OR:
      if constexpr (std::is_integral_v<T>) return combining<T>(zel::disjunction);
      break;
  }
  throw zel::Error(zel::Errc::usage, "there is no such operation on this type");
}

struct Elements {
  size_t size;
  Combine combine;
};

template <class T>
Elements of(zel_operation operation) { return {sizeof(T), combine_of<T>(operation)}; }

Elements elements_of(zel_type type, zel_operation operation) {
  switch (type) {
    case ZEL_INT8: return of<int8_t>(operation);
    case ZEL_UINT8: return of<uint8_t>(operation);
    case ZEL_INT16: return of<int16_t>(operation);
    case ZEL_UINT16: return of<uint16_t>(operation);
    case ZEL_INT32: return of<int32_t>(operation);
    case ZEL_UINT32: return of<uint32_t>(operation);
    case ZEL_INT64: return of<int64_t>(operation);
    case ZEL_UINT64: return of<uint64_t>(operation);
    case ZEL_FLOAT: return of<float>(operation);
    case ZEL_DOUBLE: return of<double>(operation);
  }
  throw zel::Error(zel::Errc::usage, "there is no such type");
}

zel::Group& of(zel_group* group) {
  need(group);
  return group->group;
}
bool is_root(const zel::Group& group, int root) { return group.ranks()[static_cast<size_t>(group.position())] == root; }
size_t members(const zel::Group& group) { return static_cast<size_t>(group.size()); }

}  // namespace

extern "C" {

int zel_group_all(zel_job* job, zel_group** group) {
  return guarded([&] {
    need(job, group);
    *group = new zel_group{zel::Group(job->job.messages())};
  });
}
int zel_group_of(zel_job* job, const int* ranks, size_t count, zel_group** group) {
  return guarded([&] {
    need(job, ranks, group);
    *group = new zel_group{zel::Group(job->job.messages(), std::vector<int>(ranks, ranks + count))};
  });
}
int zel_group_without_lost(const zel_group* group, zel_group** next) {
  return guarded([&] {
    need(group, next);
    *next = new zel_group{group->group.without_lost()};
  });
}
void zel_group_free(zel_group* group) { delete group; }
int zel_group_size(const zel_group* group) { return group ? group->group.size() : -1; }
int zel_group_position(const zel_group* group) { return group ? group->group.position() : -1; }
int zel_group_rank(const zel_group* group, int position) {
  if (!group || position < 0 || position >= group->group.size()) return -1;
  return group->group.ranks()[static_cast<size_t>(position)];
}

int zel_barrier(zel_group* group) {
  return guarded([&] { of(group).barrier(); });
}
int zel_broadcast(zel_group* group, void* bytes, size_t size, int root) {
  return guarded([&] { of(group).broadcast_bytes(room_of(bytes, size), root); });
}
int zel_reduce(zel_group* group, const void* in, void* out, size_t count, zel_type type, zel_operation operation, int root) {
  return guarded([&] {
    const Elements elements = elements_of(type, operation);
    const auto own = bytes_of(in, times(elements.size, count));
    if (is_root(of(group), root)) {
      const auto result = room_of(out, own.size());
      if (in != out && !own.empty()) std::memcpy(result.data(), own.data(), own.size());
      group->group.reduce_bytes(result, elements.size, elements.combine, root);
    } else {
      std::vector<std::byte> scratch(own.begin(), own.end());
      group->group.reduce_bytes(scratch, elements.size, elements.combine, root);
    }
  });
}
int zel_allreduce(zel_group* group, const void* in, void* out, size_t count, zel_type type, zel_operation operation) {
  return guarded([&] {
    const Elements elements = elements_of(type, operation);
    const auto own = bytes_of(in, times(elements.size, count));
    const auto result = room_of(out, own.size());
    zel::Group& members_of = of(group);
    if (in != out && !own.empty()) std::memcpy(result.data(), own.data(), own.size());
    members_of.allreduce_bytes(result, elements.size, elements.combine);
  });
}
int zel_allreduce_with(zel_group* group, void* elements, size_t count, size_t element_size, zel_combine* combine, void* context) {
  return guarded([&] {
    if (!combine || element_size == 0) throw zel::Error(zel::Errc::usage, "a function, and elements of some size, are needed");
    of(group).allreduce_bytes(
        room_of(elements, times(element_size, count)), element_size,
        [=](std::span<std::byte> ours, std::span<const std::byte> theirs, bool theirs_left) {
          if (ours.empty()) return;
          combine(ours.data(), theirs_left ? theirs.data() : ours.data(), theirs_left ? ours.data() : theirs.data(),
                  ours.size() / element_size, context);
        });
  });
}
int zel_gather(zel_group* group, const void* mine, size_t size, void* all, int root) {
  return guarded([&] {
    const bool here = is_root(of(group), root);
    group->group.gather_bytes(bytes_of(mine, size), here ? room_of(all, times(size, members(group->group))) : std::span<std::byte>(), root);
  });
}
int zel_allgather(zel_group* group, const void* mine, size_t size, void* all) {
  return guarded([&] {
    of(group).allgather_bytes(bytes_of(mine, size), room_of(all, times(size, members(of(group)))));
  });
}
int zel_scatter(zel_group* group, const void* all, void* mine, size_t size, int root) {
  return guarded([&] {
    const bool here = is_root(of(group), root);
    group->group.scatter_bytes(here ? bytes_of(all, times(size, members(group->group))) : std::span<const std::byte>(), room_of(mine, size), root);
  });
}
int zel_alltoall(zel_group* group, const void* all, void* received, size_t size) {
  return guarded([&] {
    const size_t bytes = times(size, members(of(group)));
    of(group).alltoall_bytes(bytes_of(all, bytes), room_of(received, bytes));
  });
}

}  // extern "C"
