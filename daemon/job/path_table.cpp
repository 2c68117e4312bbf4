#include "daemon/job/path_table.hpp"

#include <algorithm>

namespace zel::job {

using wire::paths::PathLine;
using wire::run::PathRow;

namespace {

void keep_shortest(std::uint64_t& known, std::uint64_t time) {
  if (time != 0 && (known == 0 || time < known)) known = time;
}

}  // namespace

void PathTable::Counts::add(const PathLine& line) {
  direct += line.direct;
  reverse += line.reverse;
  meet += line.meet;
  nodes += line.nodes;
}

void PathTable::on_report(std::uint32_t rank, const wire::member::PathReport& report, const Hosts& host_of) {
  if (!wire::member::valid(report, static_cast<std::uint32_t>(host_of.size())) || !reported_.insert(rank).second) return;
  for (const PathLine& line : report.lines) add(rank, line, host_of);
}

void PathTable::add(std::uint32_t rank, const PathLine& line, const Hosts& host_of) {
  const std::uint32_t own = host_of[rank];
  const std::uint32_t there = host_of[line.peer];
  if (own == there) return;
  const std::pair key(std::min(own, there), std::max(own, there));
  if (!pairs_.contains(key) && pairs_.size() >= wire::run::max_path_rows) {
    more_ = true;
    return;
  }
  Pair& pair = pairs_[key];
  PathRow& row = pair.row;
  row.host = key.first;
  row.other = key.second;
  keep_shortest(row.round_trip_us, line.round_trip_us);
  keep_shortest(row.nodes_round_trip_us, line.nodes_round_trip_us);
  row.linked_after_us = std::max(row.linked_after_us, line.linked_after_us);
  row.by_nodes_bytes += line.received_by_nodes_bytes;
  if (rank < line.peer) {
    pair.led.add(line);
    if (!line.not_direct.empty()) row.not_direct = line.not_direct;
    if (!line.not_reverse.empty()) row.not_reverse = line.not_reverse;
    if (!line.not_met.empty()) row.not_met = line.not_met;
  } else {
    pair.followed.add(line);
  }
  if (own == key.first) {
    row.to_other_bytes += line.sent_bytes;
    pair.received_by_host += line.received_bytes;
    row.to_host_bytes_per_second = std::max(row.to_host_bytes_per_second, line.bytes_per_second);
  } else {
    row.to_host_bytes += line.sent_bytes;
    pair.received_by_other += line.received_bytes;
    row.to_other_bytes_per_second = std::max(row.to_other_bytes_per_second, line.bytes_per_second);
  }
}

wire::run::PathReport PathTable::rows() const {
  wire::run::PathReport report;
  report.more = more_;
  for (const auto& [key, pair] : pairs_) {
    PathRow row = pair.row;
    const Counts& counts = pair.led.none() ? pair.followed : pair.led;
    row.direct = counts.direct;
    row.reverse = counts.reverse;
    row.meet = counts.meet;
    row.nodes = counts.nodes;
    // Of a rank that was killed, the others know what it sent them.
    row.to_other_bytes = std::max(row.to_other_bytes, pair.received_by_other);
    row.to_host_bytes = std::max(row.to_host_bytes, pair.received_by_host);
    report.rows.push_back(std::move(row));
  }
  for (const auto& [host, ranks] : joined_) {
    if (ranks < 2) continue;
    if (report.rows.size() >= wire::run::max_path_rows) {
      report.more = true;
      break;
    }
    PathRow row;
    row.host = row.other = host;
    report.rows.push_back(std::move(row));
  }
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const PathRow& a, const PathRow& b) { return std::pair(a.host, a.other) < std::pair(b.host, b.other); });
  return report;
}

}  // namespace zel::job
