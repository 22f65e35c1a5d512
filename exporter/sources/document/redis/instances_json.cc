// instances.* and global_stats (contract 4.10).
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "exporter/sources/document/redis/json_sections.h"

namespace chatscale::redis {
namespace {

struct ServiceTotals {
  double expected = 0, actual = 0, healthy = 0, load = 0, capacity = 0;
};

std::string HealthOf(double expected, double working, bool all_healthy) {
  if (working >= expected) return all_healthy ? "healthy" : "degraded";
  return working > 0 ? "degraded" : "unhealthy";
}

Json ServiceJson(const std::vector<const Process*>& processes, double expected,
                 std::string_view type_name) {
  std::array<int, 6> by_status{};
  Json pids = Json::array(), ports = Json::array(), loads = Json::array();
  Json heartbeats = Json::array(), statuses = Json::array();
  double load = 0, capacity = 0, working = 0;
  for (const Process* process : processes) {
    const Heartbeat& h = process->heartbeat;
    ++by_status[static_cast<std::size_t>(process->status)];
    pids.push_back(h.process_id ? Json(*h.process_id) : Json(nullptr));
    if (h.port.value_or(0) != 0) ports.push_back(*h.port);
    loads.push_back(h.load.value_or(0));
    heartbeats.push_back(h.last_heartbeat);
    statuses.push_back(StatusName(*process));
    load += h.load.value_or(0);
    capacity += h.capacity.value_or(0);
    working += process->Works() ? 1 : 0;
  }
  const auto actual = static_cast<double>(processes.size());
  const double missing = std::max(0.0, expected - actual);
  const auto count = [&](Status status) { return by_status[static_cast<std::size_t>(status)]; };
  return {{"processes", expected},
          {"actual_processes", actual},
          {"load", load},
          {"capacity", capacity},
          {"health", HealthOf(expected, working, count(Status::kHealthy) >= expected)},
          {"healthy_processes", working},
          {"missing_processes", missing},
          {"status_breakdown",
           {{"healthy", count(Status::kHealthy)},
            {"degraded", count(Status::kDegraded)},
            {"unhealthy", count(Status::kUnhealthy)},
            {"draining", count(Status::kDraining)},
            {"stale", count(Status::kStale)},
            {"missing", missing}}},
          {"pids", std::move(pids)},
          {"ports", std::move(ports)},
          {"loads", std::move(loads)},
          {"heartbeats", std::move(heartbeats)},
          {"health_statuses", std::move(statuses)},
          {"is_chat_rest", type_name == "chat_rest"}};
}

std::string TypeName(const Heartbeat& heartbeat) {
  return absl::StrCat(heartbeat.service_type, "_", heartbeat.service_name);
}

}  // namespace

Json InstancesJson(const DocumentInput& input) {
  using Services = std::vector<std::pair<std::string, std::vector<const Process*>>>;  // by type
  std::vector<std::pair<std::string, Services>> instances;
  absl::flat_hash_map<std::string_view, std::size_t> place;
  for (const Process& process : input.state.processes) {
    const std::string& id = process.heartbeat.instance_id;
    const auto [at, is_new] = place.try_emplace(id, instances.size());
    if (is_new) instances.emplace_back(id, Services());
    Services& services = instances[at->second].second;
    const std::string type_name = TypeName(process.heartbeat);
    auto service = std::ranges::find(services, type_name, &Services::value_type::first);
    if (service == services.end()) {
      service = services.insert(services.end(), {type_name, {}});
    }
    service->second.push_back(&process);
  }
  Json out = Json::object();
  for (const auto& [id, services] : instances) {
    Json by_type = Json::object();
    for (const auto& [type_name, processes] : services) {
      by_type[type_name] = ServiceJson(processes, double(processes.size()), type_name);
    }
    // Without a search for the key: each is there once.
    out.get_ref<Json::object_t&>().emplace_back(id, std::move(by_type));
  }
  if (out.empty()) {  // nobody there: the reader's own instance is the one that is missed
    const double expected = input.state.gateway->config.proc.processes_per_instance.value_or(0);
    out[input.state.reader_instance]["chat_proc"] = ServiceJson({}, expected, "chat_proc");
  }
  return out;
}

Json GlobalStatsJson(const Json& instances_json) {
  ServiceTotals all, rest;
  double healthy_instances = 0, instances = 0;
  for (const auto& [id, services] : instances_json.items()) {
    bool healthy = true;
    for (const auto& [type_name, service] : services.items()) {
      healthy = healthy && service["health"] != "unhealthy";
      for (ServiceTotals* totals : {&all, &rest}) {
        if (totals == &rest && type_name != "chat_rest") continue;
        totals->expected += service["processes"].get<double>();
        totals->actual += service["actual_processes"].get<double>();
        totals->healthy += service["healthy_processes"].get<double>();
        totals->load += service["load"].get<double>();
        totals->capacity += service["capacity"].get<double>();
      }
    }
    ++instances;
    healthy_instances += healthy ? 1 : 0;
  }
  return {{"load", all.load},
          {"capacity", all.capacity},
          {"healthy", all.healthy},
          {"total", all.expected},
          {"actual", all.actual},
          {"healthy_instances", healthy_instances},
          {"total_instances", instances},
          {"utilization_percent", PercentOf(all.load, all.capacity, 0)},
          {"chat_rest",
           {{"expected", rest.expected},
            {"actual", rest.actual},
            {"healthy", rest.healthy},
            {"load", rest.load},
            {"capacity", rest.capacity},
            {"utilization_percent", PercentOf(rest.load, rest.capacity, 0)}}}};
}

}  // namespace chatscale::redis
