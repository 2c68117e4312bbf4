// Why: programs that are wrong, one for each number; CMakeLists.txt says what the compiler must say of it. 0 is right.
#include <memory>
#include <mutex>
#include <string>
#include <zel/zel.hpp>

struct Right {
  std::string text;
  ZEL_FIELDS(text)
  int run() const { return 0; }
};
inline zel::Shared<int> value{"value", 0};

#if CASE == 0
using Wrong = Right;
#elif CASE == 1
struct Wrong {
  int n;
};
#elif CASE == 2
struct Wrong {
  int n;
  int run() { return ++n; }
};
#elif CASE == 3
struct Wrong {
  int n;
  void run() const {}
};
#elif CASE == 4
struct Wrong {
  std::string text;
  int run() const { return 0; }
};
#elif CASE == 5
struct Wrong {
  int n;
  const char* run() const { return ""; }
};
#elif CASE == 6
struct Wrong {
  explicit Wrong(int number) : n(number) {}
  int n;
  int run() const { return n; }
};
#elif CASE == 7
struct Wrong {
  std::unique_ptr<int> owned;
  int run() const { return 0; }
};
#else
using Wrong = Right;
#endif

int use_spawned(const Wrong& task) {
  zel::Spawned<Wrong> child(task);
  child.sync();
  return 0;
}
#if CASE == 0
int use_group(const Wrong& task) {
  zel::TaskGroup<Wrong> group;
  group.spawn(task);
  value.improve(3);
  zel::parallel_for(0, 3, [](int) {});
  return zel::parallel_reduce(0, 3, group.sync().at(0), [](int i) { return i; }, zel::sum);
}
int use_compute(zel::Job& job) { return zel::compute(job, Right{}); }
#elif CASE == 11
int use_group() {
  zel::TaskGroup<int> group;
  return 0;
}
#elif CASE == 12
struct NoTask {};
void use_compute(zel::Job& job) { zel::compute(job, NoTask{}); }
#elif CASE == 13
void use_for(int captured) {
  zel::parallel_for(0, 3, [&captured](int i) { captured += i; });
}
#elif CASE == 14
void use_for() {
  zel::parallel_for(0, 3, [](const std::string&) {});
}
#elif CASE == 15
inline zel::Shared<std::unique_ptr<int>> pointer{"pointer", nullptr};
#elif CASE == 16
struct Unordered {
  int a;
};
inline zel::Shared<Unordered> unordered{"unordered", {1}};
#endif
