#include "zrun/report.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace zel::zrun {
namespace {

using Json = nlohmann::ordered_json;  // fields in the order people read them

constexpr int report_version = 2;

double seconds_of(std::uint64_t us) { return static_cast<double>(us) / 1e6; }

Json json_of(const wire::run::HostPlan& host) {
  return {{"name", host.name},   {"id", host.id},               {"distance_ms", host.distance_ms},
          {"cores", host.cores}, {"hwthreads", host.hwthreads}, {"threads_per_rank", host.threads_per_rank}};
}

Json json_of(std::uint32_t rank, const std::string& host, const wire::run::RankPlan& plan, const RunRecord::Rank& known) {
  Json json = {{"rank", rank}, {"host", host}, {"pid", nullptr}, {"cpus", plan.cpus}, {"where", plan.where}};
  if (known.pid) json["pid"] = *known.pid;
  const auto& exited = known.exited;
  json["exit_code"] = exited && exited->signal == 0 ? Json(exited->code) : Json();
  json["signal"] = exited && exited->signal != 0 ? Json(exited->signal) : Json();
  json["ended_by_launcher"] = exited ? Json(exited->ended_by_launcher) : Json();
  json["user_seconds"] = exited ? Json(seconds_of(exited->user_us)) : Json();
  json["system_seconds"] = exited ? Json(seconds_of(exited->system_us)) : Json();
  json["max_rss_kib"] = exited ? Json(exited->max_rss_kib) : Json();
  json["ran_seconds"] = exited ? Json(seconds_of(exited->ran_us)) : Json();
  return json;
}

Json in_ms(std::uint64_t us) { return us == 0 ? Json() : Json(static_cast<double>(us) / 1e3); }

Json in_mbit(std::uint64_t bytes_per_second) {
  return bytes_per_second == 0 ? Json() : Json(static_cast<double>(bytes_per_second) * 8 / 1e6);
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json json_of(const wire::run::PathRow& row, const wire::run::Planned& planned) {
  return {{"from", planned.hosts[row.host].name},
          {"to", planned.hosts[row.other].name},
          {"by", way_of(row)},
          {"pairs", {{"direct", row.direct}, {"reverse", row.reverse}, {"meet", row.meet}, {"nodes", row.nodes}}},
          {"round_trip_ms", in_ms(row.round_trip_us)},
          {"nodes_round_trip_ms", in_ms(row.nodes_round_trip_us)},
          {"linked_after_seconds", row.linked_after_us == 0 ? Json() : Json(seconds_of(row.linked_after_us))},
          {"sent_bytes", row.to_other_bytes},
          {"received_bytes", row.to_host_bytes},
          {"by_nodes_bytes", row.by_nodes_bytes},
          {"send_mbit_per_second", in_mbit(row.to_other_bytes_per_second)},
          {"receive_mbit_per_second", in_mbit(row.to_host_bytes_per_second)},
          {"why_not",
           {{"direct", or_null(row.not_direct)}, {"reverse", or_null(row.not_reverse)}, {"meet", or_null(row.not_met)}}}};
}

Json json_of(const std::optional<wire::run::PathReport>& paths, const wire::run::Planned& planned) {
  if (!paths) return nullptr;
  Json rows = Json::array();
  for (const auto& row : paths->rows) rows.push_back(json_of(row, planned));
  return rows;
}

}  // namespace

RunRecord::RunRecord(std::string program, std::vector<std::string> arguments)
    : program_(std::move(program)), arguments_(std::move(arguments)) {}

void RunRecord::on(const wire::run::Planned& planned) {
  planned_ = planned;
  ranks_.assign(planned.ranks.size(), {});
}

void RunRecord::on(const wire::run::Started& started) {
  if (started.rank < ranks_.size()) ranks_[started.rank].pid = started.pid;
}

void RunRecord::on(const wire::run::Exited& exited) {
  if (exited.rank < ranks_.size()) ranks_[exited.rank].exited = exited;
}

void RunRecord::on(const wire::run::PathReport& paths) { paths_ = paths; }

void RunRecord::on(const wire::run::Ended& ended) { ended_ = ended; }

void RunRecord::on(const wire::run::Refused& refused) {
  ended_ = wire::run::Ended{.exit_status = refused.exit_status, .cause = refused.text};
}

std::string json_report(const RunRecord& record, double seconds) {
  const wire::run::Planned& planned = record.planned();
  Json hosts = Json::array(), ranks = Json::array();
  for (const auto& host : planned.hosts) hosts.push_back(json_of(host));
  for (std::uint32_t r = 0; r < record.ranks().size(); ++r) {
    ranks.push_back(json_of(r, planned.hosts[planned.ranks[r].host].name, planned.ranks[r], record.ranks()[r]));
  }
  const Json json = {
      {"version", report_version},
      {"job", planned.job},
      {"node", planned.node},
      {"program", record.program()},
      {"arguments", record.arguments()},
      {"notice", planned.notice},
      {"hosts", std::move(hosts)},
      {"ranks", std::move(ranks)},
      {"paths", json_of(record.paths(), planned)},
      {"exit_status", record.ended() ? Json(record.ended()->exit_status) : Json()},
      {"cause", record.ended() ? record.ended()->cause : std::string()},
      {"seconds", seconds},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace zel::zrun
