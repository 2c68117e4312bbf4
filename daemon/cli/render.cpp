#include "daemon/cli/render.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/cli/text_table.hpp"
#include "wire/address.hpp"

namespace zel::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int json_version = 1;
constexpr std::size_t short_id = 10;

std::string dump(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n'; }

template <class Items, class Text>
std::string joined(const Items& items, Text text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + text(item);
  return all.empty() ? "-" : all;
}

Json texts(const std::vector<wire::overlay::Address>& addresses) {
  Json list = Json::array();
  for (const auto& address : addresses) list.push_back(wire::text_of(address));
  return list;
}

std::string share(std::uint32_t free, std::uint32_t total) { return std::to_string(free) + "/" + std::to_string(total); }

}  // namespace

std::string status_text(const wire::admin::Status& status) {
  TextTable table({"node", status.name});
  table.add({"id", status.id});
  table.add({"pid", std::to_string(status.pid)});
  table.add({"up", duration_text(status.up_ms)});
  table.add({"listens", joined(status.listens, wire::text_of)});
  table.add({"cores", share(status.cores_free, status.cores_total) + " free"});
  table.add({"jobs", std::to_string(status.jobs)});
  table.add({"nodes", std::to_string(status.nodes_known) + " known, " + std::to_string(status.neighbours) + " neighbours, " +
                          std::to_string(status.links) + " links"});
  char size[32] = "not known yet";
  if (status.network_size > 0) std::snprintf(size, sizeof size, "about %.0f", status.network_size);
  table.add({"network", size});
  table.add({"labels", joined(status.labels, [](const std::string& label) { return label; })});
  for (const auto& counter : status.counters) {
    if (counter.value > 0) table.add({counter.name, std::to_string(counter.value)});
  }
  return table.text();
}

std::string nodes_text(const wire::admin::Nodes& nodes) {
  TextTable table({"ID", "NAME", "ADDRESS", "DISTANCE", "CORES FREE", "STATE"});
  for (const auto& node : nodes.nodes) {
    table.add({node.id.substr(0, short_id), node.name, node.addresses.empty() ? "-" : wire::text_of(node.addresses.front()),
               distance_text(node.distance_ms), share(node.cores_free, node.cores_total), node.state});
  }
  return table.text();
}

std::string jobs_text(const wire::admin::Jobs& jobs) {
  if (jobs.jobs.empty()) return "no jobs\n";
  TextTable table({"JOB", "PROGRAM", "ROLE", "PHASE", "RANKS", "HERE", "HOSTS", "RUNNING"});
  for (const auto& job : jobs.jobs) {
    table.add({job.job, job.program, job.role, job.phase, std::to_string(job.ranks), std::to_string(job.ranks_here),
               job.hosts == 0 ? "-" : std::to_string(job.hosts), duration_text(job.running_ms)});
  }
  return table.text();
}

std::string status_json(const wire::admin::Status& status) {
  Json counters = Json::object();
  for (const auto& counter : status.counters) counters[counter.name] = counter.value;
  return dump({{"version", json_version},
               {"id", status.id},
               {"name", status.name},
               {"pid", status.pid},
               {"up_seconds", static_cast<double>(status.up_ms) / 1000},
               {"listens", texts(status.listens)},
               {"cores_free", status.cores_free},
               {"cores_total", status.cores_total},
               {"nodes_known", status.nodes_known},
               {"neighbours", status.neighbours},
               {"network_size", status.network_size > 0 ? Json(status.network_size) : Json()},
               {"links", status.links},
               {"jobs", status.jobs},
               {"labels", status.labels},
               {"counters", counters}});
}

std::string nodes_json(const wire::admin::Nodes& nodes) {
  Json list = Json::array();
  for (const auto& node : nodes.nodes) {
    list.push_back({{"id", node.id},
                    {"name", node.name},
                    {"addresses", texts(node.addresses)},
                    {"distance_ms", node.distance_ms >= 0 ? Json(node.distance_ms) : Json()},
                    {"cores_free", node.cores_free},
                    {"cores_total", node.cores_total},
                    {"state", node.state}});
  }
  return dump({{"version", json_version}, {"nodes", std::move(list)}});
}

std::string jobs_json(const wire::admin::Jobs& jobs) {
  Json list = Json::array();
  for (const auto& job : jobs.jobs) {
    list.push_back({{"job", job.job},
                    {"program", job.program},
                    {"role", job.role},
                    {"phase", job.phase},
                    {"ranks", job.ranks},
                    {"ranks_here", job.ranks_here},
                    {"hosts", job.hosts > 0 ? Json(job.hosts) : Json()},
                    {"running_seconds", static_cast<double>(job.running_ms) / 1000}});
  }
  return dump({{"version", json_version}, {"jobs", std::move(list)}});
}

}  // namespace zel::cli
