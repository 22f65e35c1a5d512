#include "exporter/redis/keys.h"

#include <array>

#include "exporter/model/snapshot.h"

namespace chatscale::redis {
namespace {

constexpr std::string_view kHeartbeat = "heartbeat:process:";
constexpr std::string_view kSse = "chat:sse:connections:";

std::string_view NameOf(UserType type) { return kUserTypeNames[static_cast<std::size_t>(type)]; }

// Removes the part after the last colon from `rest` and returns it.
std::optional<std::string> TakeLast(std::string_view& rest) {
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string part(rest.substr(colon + 1));
  rest = rest.substr(0, colon);
  return part;
}

}  // namespace

KeySpace::KeySpace(const Target& target)
    : prefix_(target.tenant + ":" + target.project + ":kdcube:") {}

std::string KeySpace::ProcessIndex(std::string_view service_type,
                                   std::string_view service_name) const {
  return std::string(prefix_)
      .append("system:capacity:process-index:")
      .append(service_type)
      .append(":")
      .append(service_name);
}

std::string KeySpace::Ready(UserType type) const {
  return std::string(prefix_).append("chat:prompt:queue:").append(NameOf(type));
}

std::string KeySpace::InFlight(UserType type) const {
  return std::string(prefix_).append("chat:prompt:queue:inflight:").append(NameOf(type));
}

std::string KeySpace::Mailbox(UserType type) const {
  return std::string(prefix_).append("chat:conversation:mailbox:count:").append(NameOf(type));
}

std::string KeySpace::Analytics(UserType type) const {
  return std::string(prefix_).append("chat:prompt:queue:analytics:").append(NameOf(type));
}

std::string KeySpace::Jobs(std::string_view queue) const {
  return std::string(prefix_).append("background:jobs:").append(queue);
}

std::string KeySpace::SseOf(std::string_view process) const {
  return std::string(prefix_).append(kSse).append(process);
}

std::string KeySpace::Breaker(std::string_view name, std::string_view part) const {
  return std::string(prefix_).append("circuit_breaker:").append(name).append(":").append(part);
}

std::string KeySpace::Metric(std::string_view name) const {
  return std::string(prefix_).append("metrics:").append(name);
}

std::optional<ProcessName> KeySpace::ParseHeartbeat(std::string_view key) const {
  if (!key.starts_with(prefix_)) return std::nullopt;
  std::string_view rest = key.substr(prefix_.size());
  if (!rest.starts_with(kHeartbeat)) return std::nullopt;
  rest.remove_prefix(kHeartbeat.size());
  auto process_id = TakeLast(rest);
  auto service_name = TakeLast(rest);
  auto service_type = TakeLast(rest);
  if (!service_type.has_value()) return std::nullopt;
  return ProcessName{.instance_id = std::string(rest),
                     .service_type = *std::move(service_type),
                     .service_name = *std::move(service_name),
                     .process_id = *std::move(process_id)};
}

std::optional<std::string> KeySpace::ParseSse(std::string_view key) const {
  if (!key.starts_with(prefix_)) return std::nullopt;
  const std::string_view rest = key.substr(prefix_.size());
  if (!rest.starts_with(kSse)) return std::nullopt;
  return std::string(rest.substr(kSse.size()));
}

std::string EscapeGlob(std::string_view text) {
  constexpr std::string_view kSpecial = "*?[]^-\\";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::optional<Target> OwnerOf(std::string_view key) {
  constexpr std::string_view kMarker = ":kdcube:";
  const std::size_t marker = key.find(kMarker);
  const std::size_t colon = key.find(':');
  if (marker == std::string_view::npos || colon == 0 || colon + 1 >= marker) return std::nullopt;
  Target target{.tenant = std::string(key.substr(0, colon)),
                .project = std::string(key.substr(colon + 1, marker - colon - 1))};
  if (target.tenant.size() > kMostIdBytes || target.project.size() > kMostIdBytes) {
    return std::nullopt;
  }
  return target;
}

}  // namespace chatscale::redis
