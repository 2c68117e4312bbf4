#include <cstdio>
#include <nlohmann/json.hpp>

#include "daemon/cli/render.hpp"
#include "daemon/cli/text_table.hpp"

namespace zel::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr int json_version = 1;
constexpr std::size_t short_id = 10;

std::string why_text(const wire::admin::PathLine& path) {
  std::string why;
  if (!path.not_direct.empty()) why += "not direct: " + path.not_direct;
  if (!path.not_called_back.empty()) why += (why.empty() ? "" : "; ") + ("not called back: " + path.not_called_back);
  return why;
}

}  // namespace

std::string paths_text(const wire::admin::Paths& paths) {
  std::string relays;
  for (const auto& relay : paths.relays) relays += (relays.empty() ? "" : ", ") + relay;
  std::string text = "this node: " + paths.dialled;
  if (!relays.empty()) text += "; reached through " + relays;
  if (paths.clients > 0) text += "; relay of " + std::to_string(paths.clients);
  text += "\n\n";
  TextTable table({"ID", "NAME", "BY", "ROUND TRIP", "SENT", "RECEIVED", "WHY"});
  for (const auto& path : paths.paths) {
    char round_trip[32] = "-";
    if (path.round_trip_ms >= 0) std::snprintf(round_trip, sizeof round_trip, "%.1f ms", path.round_trip_ms);
    table.add({path.id.substr(0, short_id), path.name, path.relay.empty() ? path.rung : path.rung + " " + path.relay, round_trip,
               std::to_string(path.sent_bytes), std::to_string(path.received_bytes), why_text(path)});
  }
  return text + table.text();
}

std::string paths_json(const wire::admin::Paths& paths) {
  Json lines = Json::array();
  for (const auto& path : paths.paths) {
    Json line = {{"id", path.id},
                 {"name", path.name},
                 {"rung", path.rung},
                 {"relay", path.relay.empty() ? Json() : Json(path.relay)},
                 {"round_trip_ms", path.round_trip_ms < 0 ? Json() : Json(path.round_trip_ms)},
                 {"sent_bytes", path.sent_bytes},
                 {"received_bytes", path.received_bytes},
                 {"not_direct", path.not_direct.empty() ? Json() : Json(path.not_direct)},
                 {"not_called_back", path.not_called_back.empty() ? Json() : Json(path.not_called_back)}};
    lines.push_back(std::move(line));
  }
  const Json all = {{"version", json_version},
                    {"dialled", paths.dialled},
                    {"relays", paths.relays},
                    {"clients", paths.clients},
                    {"paths", std::move(lines)}};
  return all.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace zel::cli
