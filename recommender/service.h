// The two services that have replicas, and what there is one of for each of them.
//
//   for (const Service service : kServices) Show(NameOf(service), recommendations[service]);
#pragma once

#include <array>
#include <cstdint>

namespace chatscale::recommender {

enum class Service : std::uint8_t { kIngress, kProc };
inline constexpr std::array kServices = {Service::kIngress, Service::kProc};

// As labels, paths, policies and the upstream's documents have it: "ingress", "proc".
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
