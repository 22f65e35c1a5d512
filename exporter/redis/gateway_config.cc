#include "exporter/redis/gateway_config.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "exporter/document/json.h"
#include "exporter/model/snapshot.h"
#include "exporter/redis/json_values.h"
#include "exporter/redis/keys.h"

namespace chatscale::redis {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::array<const char*, 4> kServiceKeys = {"ingress", "proc", "processor", "worker"};

const OrderedJson* FindObject(const OrderedJson& parent, const char* key) {
  const auto found = parent.find(key);
  return found != parent.end() && found->is_object() ? &*found : nullptr;
}

const OrderedJson* SliceOf(const OrderedJson& section, Service service) {
  if (service == Service::kProc) {
    for (const char* key : {"proc", "processor", "worker", "ingress"}) {
      if (const OrderedJson* found = FindObject(section, key)) return found;
    }
    return nullptr;
  }
  if (const OrderedJson* found = FindObject(section, "ingress")) return found;
  for (const auto& value : section) {
    if (value.is_object()) return &value;
  }
  return nullptr;
}

// Reads one section into plain fields; an invalid value keeps its default and is counted.
class SectionReader {
 public:
  SectionReader(OrderedJson section, int& malformed)
      : section_(std::move(section)), malformed_(malformed) {}

  void Number(const char* name, double low, double high, double& target) {
    const OrderedJson* value = Find(name);
    if (value == nullptr) return;
    const MaybeNumber number = InRange(*value, low, high);
    if (number.has_value())
      target = *number;
    else
      ++malformed_;
  }

  // Null means "not configured"; text digits are accepted.
  void Optional(const char* name, double low, double high, MaybeNumber& target) {
    const OrderedJson* value = Find(name);
    if (value == nullptr) return;
    target.reset();
    if (value->is_null()) return;
    OrderedJson number = *value;
    if (value->is_string()) {
      const auto& text = value->get_ref<const std::string&>();
      int parsed = 0;
      const char* end = text.data() + text.size();
      const auto result = std::from_chars(text.data(), end, parsed);
      if (result.ec == std::errc() && result.ptr == end) number = parsed;
    }
    target = InRange(number, low, high);
    if (!target.has_value()) ++malformed_;
  }

  void Flag(const char* name, bool& target) {
    const OrderedJson* value = Find(name);
    if (value == nullptr) return;
    if (value->is_boolean())
      target = value->get<bool>();
    else
      ++malformed_;
  }

  std::optional<std::string> Text(const char* name) {
    const OrderedJson* value = Find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    ++malformed_;
    return std::nullopt;
  }

 private:
  const OrderedJson* Find(const char* name) const {
    if (!section_.is_object()) return nullptr;
    const auto found = section_.find(name);
    return found == section_.end() ? nullptr : &*found;
  }

  static MaybeNumber InRange(const OrderedJson& value, double low, double high) {
    if (!value.is_number()) return std::nullopt;
    const double number = value.get<double>();
    if (!std::isfinite(number) || number < low || number > high) return std::nullopt;
    return number;
  }

  OrderedJson section_;
  int& malformed_;
};

void SetCapacitySource(const std::string& text, ServiceConfig& config) {
  config.capacity_source = text;
  const std::size_t colon = text.find(':');
  if (colon != std::string::npos) {
    config.capacity_source_type = text.substr(0, colon);
    config.capacity_source_name = text.substr(colon + 1);
    return;
  }
  config.capacity_source_type = kServiceType;
  if (text == "processor" || text == "chat-proc" || text == "chat_proc") {
    config.capacity_source_name = "proc";
  } else if (text == "ingress" || text == "chat-rest" || text == "chat_rest") {
    config.capacity_source_name = "rest";
  } else {
    config.capacity_source_name = text;
  }
}

// `malformed_capacity` counts the values that the queue's capacity is computed from.
ServiceConfig ParseService(const OrderedJson& root, Service service, int& malformed,
                           int& malformed_capacity) {
  ServiceConfig config;
  SectionReader capacity(EffectiveSection(root, "service_capacity", service), malformed_capacity);
  capacity.Number("concurrent_requests_per_process", 0, kMostSlots, config.concurrent_per_process);
  capacity.Optional("processes_per_instance", 0, kMostProcesses, config.processes_per_instance);
  SectionReader estimate(EffectiveSection(root, "service_capacity", service), malformed);
  estimate.Number("avg_processing_time_seconds", 1e-6, kLongestSeconds,
                  config.avg_processing_seconds);

  SectionReader pressure(EffectiveSection(root, "backpressure", service), malformed_capacity);
  pressure.Number("capacity_buffer", 0, 1, config.capacity_buffer);
  pressure.Number("queue_depth_multiplier", 0, kMostFactor, config.queue_depth_multiplier);
  if (const auto source = pressure.Text("capacity_source_component")) {
    if (!source->empty()) SetCapacitySource(*source, config);
  }

  SectionReader admission(EffectiveSection(root, "backpressure", service), malformed);
  admission.Number("anonymous_pressure_threshold", 0, kMostFactor, config.anonymous_ratio);
  admission.Number("registered_pressure_threshold", 0, kMostFactor, config.registered_ratio);
  admission.Number("paid_pressure_threshold", 0, kMostFactor, config.paid_ratio);
  admission.Number("hard_limit_threshold", 0, kMostFactor, config.hard_limit_ratio);

  SectionReader pools(EffectiveSection(root, "pools", service), malformed);
  pools.Optional("pg_pool_min_size", 0, kMostCount, config.pg_pool_min_size);
  pools.Optional("pg_pool_max_size", 0, kMostCount, config.pg_pool_max_size);
  pools.Optional("redis_max_connections", 0, kMostCount, config.redis_max_connections);
  pools.Optional("pg_max_connections", 1, kMostCount, config.pg_max_connections);

  SectionReader limits(EffectiveSection(root, "limits", service), malformed);
  limits.Optional("max_sse_connections_per_instance", 0, kMostCount, config.max_sse_connections);
  limits.Optional("max_queue_size", 0, kMostCount, config.max_queue_size);
  limits.Optional("max_integrations_ops_concurrency", 0, kMostCount,
                  config.max_integrations_concurrency);
  return config;
}

OrderedJson SectionOrNull(const OrderedJson& root, const char* name) {
  const OrderedJson* section = FindObject(root, name);
  return section == nullptr ? OrderedJson() : *section;
}

void UseDevelopmentDefaults(ServiceConfig& config) {
  config.anonymous_ratio = 0.8;
  config.registered_ratio = 0.9;
  config.paid_ratio = 0.9;
}

// Recursive; the depth was bounded before.
std::size_t KeysIn(const simdjson::dom::element& value) {
  std::size_t keys = 0;
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (value.get(object) == simdjson::SUCCESS) {
    for (const auto [key, member] : object) keys += 1 + KeysIn(member);
  } else if (value.get(array) == simdjson::SUCCESS) {
    for (const auto item : array) keys += KeysIn(item);
  }
  return keys;
}

}  // namespace

nlohmann::ordered_json JsonOf(std::string_view text) {
  return OrderedJson::parse(TolerantJson(text, kNotFinite), nullptr, /*allow_exceptions=*/false);
}

absl::StatusOr<nlohmann::ordered_json> ParseConfigJson(std::string_view text) {
  if (text.size() > kMostConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat("longer than ", kMostConfigBytes, " bytes"));
  }
  TolerantParser parser;
  const auto root = parser.Parse(text);
  if (!root || !root->is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a JSON object, at most ", kMostJsonDepth, " levels deep"));
  }
  if (KeysIn(*root) > kMostConfigKeys) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMostConfigKeys, " keys"));
  }
  return JsonOf(text);
}

nlohmann::ordered_json EffectiveSection(const nlohmann::ordered_json& root,
                                        std::string_view section, Service service) {
  const OrderedJson* found = FindObject(root, std::string(section).c_str());
  if (found == nullptr) return {};
  bool sliced = false;
  for (const char* key : kServiceKeys) sliced = sliced || found->contains(key);
  if (!sliced) return *found;
  OrderedJson effective = OrderedJson::object();
  for (const auto& [key, value] : found->items()) {
    bool is_component = false;
    for (const char* component : kServiceKeys) is_component = is_component || key == component;
    if (!is_component) effective[key] = value;
  }
  if (const OrderedJson* own = SliceOf(*found, service)) effective.update(*own);
  return effective;
}

GatewayCapacity ServiceConfig::Capacity() const {
  return {.concurrent_per_process = concurrent_per_process,
          .processes_per_instance = processes_per_instance,
          .capacity_buffer = capacity_buffer,
          .queue_depth_multiplier = queue_depth_multiplier,
          .capacity_source = capacity_source_type == kServiceType
                                 ? capacity_source_name
                                 : capacity_source_type + ":" + capacity_source_name,
          .anonymous_ratio = anonymous_ratio,
          .registered_ratio = registered_ratio,
          .paid_ratio = paid_ratio,
          .hard_limit_ratio = hard_limit_ratio};
}

GatewayConfig ParseGatewayConfig(const nlohmann::ordered_json& root, std::string_view source) {
  GatewayConfig config;
  if (!root.is_object() || root.empty()) {
    for (const Service service : kServices) UseDevelopmentDefaults(config[service]);
    return config;
  }
  config.source = source;
  config.proc = ParseService(root, Service::kProc, config.malformed, config.malformed_capacity);
  config.ingress = ParseService(root, Service::kIngress, config.malformed, config.malformed);
  SectionReader top(root, config.malformed);
  config.profile = top.Text("profile").value_or("development");

  SectionReader monitoring(SectionOrNull(root, "monitoring"), config.malformed);
  monitoring.Number("heartbeat_timeout_seconds", 1, 86400, config.heartbeat_timeout_seconds);
  monitoring.Flag("queue_analytics_enabled", config.queue_analytics);
  SectionReader redis(SectionOrNull(root, "redis"), config.malformed);
  redis.Number("sse_stats_max_age_seconds", 0, 86400, config.sse_max_age_seconds);

  const OrderedJson breakers = SectionOrNull(root, "circuit_breakers");
  for (std::size_t i = 0; i < kBreakerCount; ++i) {
    if (!breakers.is_object()) break;
    SectionReader breaker(SectionOrNull(breakers, std::string(kBreakerNames[i]).c_str()),
                          config.malformed);
    breaker.Number("window_size", 1, 86400, config.breaker_window_seconds[i]);
  }
  return config;
}

}  // namespace chatscale::redis
