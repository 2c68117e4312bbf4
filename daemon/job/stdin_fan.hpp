// Why: stdin goes to ranks on several hosts, and the slowest host sets the pace. Counts what each has taken;
// the least of it is what zrun may send again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>

namespace zel::job {

class StdinFan {
 public:
  void add_reader(std::uint32_t host) { taken_.emplace(host, 0); }
  template <class Visit>
  void each_reader(Visit visit) const {
    for (const auto& reader : taken_) visit(reader.first);
  }

  void on_sent(std::size_t bytes) { sent_ += bytes; }
  /// How much more may be sent, now that this host has taken so much. It cannot take what was not sent: a host
  /// that says so does not make zrun flood the others.
  std::uint64_t on_taken(std::uint32_t host, std::uint32_t bytes) {
    const auto reader = taken_.find(host);
    if (reader == taken_.end()) return 0;
    reader->second = std::min(reader->second + bytes, sent_);
    return release();
  }
  /// Nobody there reads any more: it is not waited for.
  std::uint64_t on_closed(std::uint32_t host) { return taken_.erase(host) > 0 ? release() : 0; }
  bool closed() const { return taken_.empty(); }

 private:
  std::uint64_t release() {
    if (taken_.empty()) return 0;
    std::uint64_t least = taken_.begin()->second;
    for (const auto& reader : taken_) least = std::min(least, reader.second);
    const std::uint64_t more = least - released_;
    released_ = least;
    return more;
  }

  std::map<std::uint32_t, std::uint64_t> taken_;
  std::uint64_t sent_ = 0;  // to each
  std::uint64_t released_ = 0;
};

}  // namespace zel::job
