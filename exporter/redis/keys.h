// The names of the Redis keys of one tenant and project. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/model/snapshot.h"
#include "exporter/model/target.h"

namespace chatscale::redis {

// A heartbeat key, parsed:
// `<prefix>heartbeat:process:<instance_id>:<service_type>:<service_name>:<process_id>`.
// Parsed from the right, because only the instance id may contain a colon.
struct ProcessName {
  std::string instance_id;
  std::string service_type;
  std::string service_name;
  std::string process_id;
};

// The upstream's names for the processes of a service: type "chat", name "rest" or "proc".
inline constexpr std::string_view kServiceType = "chat";
constexpr std::string_view ServiceName(Service service) {
  return service == Service::kIngress ? "rest" : "proc";
}

// Streams of background jobs; external users have none.
inline constexpr std::array<const char*, 4> kJobQueueNames = {"privileged", "registered",
                                                              "anonymous", "paid"};

class KeySpace {
 public:
  explicit KeySpace(const Target& target);

  std::string Config() const { return prefix_ + "config:gateway:current"; }
  std::string ProcessIndex(std::string_view service_type, std::string_view service_name) const;
  std::string ProcessIndex(Service service) const {
    return ProcessIndex(kServiceType, ServiceName(service));
  }
  std::string Ready(UserType type) const;
  std::string InFlight(UserType type) const;
  std::string Mailbox(UserType type) const;
  std::string Analytics(UserType type) const;
  std::string SseOf(std::string_view process) const;  // "<instance_id>:<process_id>"
  std::string Breaker(std::string_view name, std::string_view part) const;
  std::string Metric(std::string_view name) const;  // "task_exec_ms:proc"
  std::string ThrottlingEvents() const { return prefix_ + "throttling:events"; }
  std::string Jobs(std::string_view queue) const;  // one of kJobQueueNames
  std::string AdmittedCounter() const { return prefix_ + "system:capacity:counter"; }
  std::string RequestsHourly() const { return prefix_ + "throttling:requests:hourly"; }

  // Nullopt when `key` is not a heartbeat of this tenant and project.
  std::optional<ProcessName> ParseHeartbeat(std::string_view key) const;
  // "<instance_id>:<process_id>" of an SSE key of this tenant and project.
  std::optional<std::string> ParseSse(std::string_view key) const;

 private:
  std::string prefix_;  // "<tenant>:<project>:kdcube:"
};

// `text` with the glob characters of SCAN escaped (R12).
std::string EscapeGlob(std::string_view text);

// The target that owns a key such as "acme:assist:kdcube:heartbeat:…". The tenant ends at the first
// colon: "a:b" + "c" and "a" + "b:c" have the same keys. Nullopt when the key has no such prefix.
std::optional<Target> OwnerOf(std::string_view key);

}  // namespace chatscale::redis
