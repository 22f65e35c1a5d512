#include "exporter/redis/gateway_fallback.h"

#include <initializer_list>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "exporter/files/files.h"
#include "exporter/files/yaml_text.h"
#include "exporter/model/snapshot.h"

namespace chatscale::redis {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson ScalarOf(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  bool flag = false;
  if (YAML::convert<bool>::decode(node, flag)) return flag;
  OrderedJson number = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  if (number.is_number()) return number;
  return text;
}

OrderedJson FromYaml(const YAML::Node& node, std::size_t depth = 0) {
  if (depth > kMostJsonDepth || !node.IsDefined() || node.IsNull()) return nullptr;
  if (node.IsScalar()) return ScalarOf(node);
  if (node.IsSequence()) {
    OrderedJson list = OrderedJson::array();
    for (const YAML::Node& item : node) list.push_back(FromYaml(item, depth + 1));
    return list;
  }
  OrderedJson object = OrderedJson::object();
  for (const auto& member : node) {
    if (member.first.IsScalar()) object[member.first.Scalar()] = FromYaml(member.second, depth + 1);
  }
  return object;
}

absl::StatusOr<OrderedJson> ReadYaml(const std::string& path) {
  constexpr std::size_t kMostBytes = 1 << 20;  // the file holds more than the gateway's part
  const absl::StatusOr<std::string> text = ReadWholeFile(path, kMostBytes);
  const absl::StatusOr<YAML::Node> root =
      text.ok() ? ParseYaml(*text, path) : absl::StatusOr<YAML::Node>(text.status());
  if (!root.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("GATEWAY_YAML_PATH=", path, ": ", root.status().message()));
  }
  try {
    const OrderedJson gateway = FromYaml((*root)["gateway"]);
    if (gateway.is_object()) return gateway;
    return absl::InvalidArgumentError(
        absl::StrCat("GATEWAY_YAML_PATH=", path, ": expected an object under gateway"));
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(absl::StrCat("GATEWAY_YAML_PATH=", path, ": ", error.what()));
  }
}

std::shared_ptr<const ParsedGateway> SampleOf(const OrderedJson& json, std::string_view source) {
  return std::make_shared<const ParsedGateway>(
      ParsedGateway{ParseGatewayConfig(json, source),
                    json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)});
}

std::string NameIn(const OrderedJson& json, std::initializer_list<const char*> fields,
                   std::string_view placeholder) {
  for (const char* field : fields) {
    const auto found = json.find(field);
    if (found == json.end() || !found->is_string()) continue;
    std::string name = found->get<std::string>();
    if (name.empty() || name == placeholder || name.find("{{") != std::string::npos) continue;
    return name;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ParsedGateway>> ReadGatewayFallback(
    const std::string& json, const std::string& yaml_path) {
  if (!json.empty()) {
    const absl::StatusOr<OrderedJson> parsed = ParseConfigJson(json);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("GATEWAY_CONFIG_JSON: ", parsed.status().message()));
    }
    return SampleOf(*parsed, "environment");
  }
  if (!yaml_path.empty()) {
    const auto parsed = ReadYaml(yaml_path);
    if (!parsed.ok()) return parsed.status();
    return SampleOf(*parsed, "yaml");
  }
  return SampleOf(OrderedJson::object(), "default");
}

Target TargetOf(const ParsedGateway& gateway, const Target& environment) {
  const OrderedJson json = JsonOf(gateway.text);
  Target target{.tenant = NameIn(json, {"tenant_id", "tenant"}, "TENANT_ID"),
                .project = NameIn(json, {"project_id", "project"}, "PROJECT_ID")};
  if (target.tenant.empty()) target.tenant = environment.tenant;
  if (target.project.empty()) target.project = environment.project;
  if (target.tenant.empty()) target.tenant = "home";
  if (target.project.empty()) target.project = "default-project";
  return target;
}

}  // namespace chatscale::redis
