// Services: ingress and proc, which have replicas, and a container with one value for each.
// Alone, as most of the exporter needs no more of the recommender.
//
//   for (const Service service : kServices) Show(NameOf(service), recommendations[service]);
#pragma once

#include <array>
#include <cstdint>

namespace chatscale::recommender {

enum class Service : std::uint8_t { kIngress, kProc };
inline constexpr std::array kServices = {Service::kIngress, Service::kProc};

// The name in labels, paths, policies and upstream documents: "ingress", "proc".
constexpr const char* NameOf(Service service) {
  return service == Service::kIngress ? "ingress" : "proc";
}

constexpr Service TheOther(Service service) {
  return service == Service::kIngress ? Service::kProc : Service::kIngress;
}

template <typename T>
struct PerService {
  T ingress{};
  T proc{};

  constexpr T& operator[](Service service) { return service == Service::kIngress ? ingress : proc; }
  constexpr const T& operator[](Service service) const {
    return service == Service::kIngress ? ingress : proc;
  }

  friend bool operator==(const PerService&, const PerService&) = default;
};

}  // namespace chatscale::recommender
