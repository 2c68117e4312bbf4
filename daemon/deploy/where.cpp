#include "daemon/deploy/where.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace zel::deploy {
namespace {

using wire::run::Binding;
using Member = std::uint32_t HardwareThread::*;

/// "core 3", or "cores 1-3,5".
std::string numbered(std::string_view what, std::vector<std::uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string text(what);
  if (numbers.size() > 1) text += 's';
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += (i == 0 ? ' ' : ',') + std::to_string(numbers[i]);
    if (last > i) text += '-' + std::to_string(numbers[last]);
    i = last + 1;
  }
  return text;
}

std::vector<std::uint32_t> all(const Threads& threads, Member member) {
  std::vector<std::uint32_t> numbers;
  for (const HardwareThread& t : threads) numbers.push_back(t.*member);
  return numbers;
}

bool same(const Threads& threads, Member member) {
  return std::all_of(threads.begin(), threads.end(),
                     [&](const HardwareThread& t) { return t.*member == threads.front().*member; });
}

/// The threads in runs that agree on both members.
std::vector<Threads> runs(const Threads& threads, Member a, Member b) {
  std::vector<Threads> out;
  for (const HardwareThread& t : threads) {
    const bool fits = !out.empty() && out.back().front().*a == t.*a && out.back().front().*b == t.*b;
    if (!fits) out.emplace_back();
    out.back().push_back(t);
  }
  return out;
}

std::string of_cores(const Threads& run) {
  return "package " + std::to_string(run.front().package) + ' ' +
         numbered("core", all(run, &HardwareThread::core));
}

std::string of_hwthreads(const Threads& run) {
  return of_cores(run) + ' ' + numbered("hwthread", all(run, &HardwareThread::thread));
}

std::string of_numa(const Threads& node) {
  std::string text = "numa " + std::to_string(node.front().numa);
  if (!same(node, &HardwareThread::package)) return text;
  return "package " + std::to_string(node.front().package) + ' ' + text;
}

std::string joined(const std::vector<Threads>& parts, std::string (*name)(const Threads&)) {
  std::string text;
  for (const Threads& part : parts) text += (text.empty() ? "" : ", ") + name(part);
  return text;
}

}  // namespace

std::string where(const Threads& bound, Binding bind_to) {
  using T = HardwareThread;
  switch (bind_to) {
    case Binding::core: return joined(runs(bound, &T::package, &T::package), of_cores);
    case Binding::hwthread: return joined(runs(bound, &T::package, &T::core), of_hwthreads);
    case Binding::numa: return joined(runs(bound, &T::numa, &T::numa), of_numa);
    case Binding::none: break;
  }
  return "unbound";
}

}  // namespace zel::deploy
