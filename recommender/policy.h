// Policy: every setting of the recommender, with its default. A plain value.
//
// Units live in the types; plain numbers state theirs. The defaults are the policy `documented`:
// the operating guide's numbers. Bounds, units and the guide's sentence of each field are in
// policy_fields.cc, those of the rules in rule_table.h.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "recommender/rule_table.h"

namespace chatscale::recommender {

// At most max(replicas, percent of the count at the start of the period) per period.
struct StepPolicy {
  int replicas = 0;
  double percent = 0;
  absl::Duration period;
};

// Lead time, over which growth is extrapolated: the time a replica takes to start.
struct Lead {
  absl::Duration assumed = absl::Seconds(90);
  bool learned =
      false;  // "auto" in the policy file: `assumed` applies until it is measured, see startup.h
};

// An operator's temporary bounds, in place of the permanent ones; 0: none.
struct ReplicaOverride {
  int min = 0;
  int max = 0;
  absl::Time until = absl::InfinitePast();
};

struct ReplicaPolicy {
  int min = 1;
  // Set the autoscaler's maximum to the same. 100 is the default of KEDA.
  int max = 100;
  ReplicaOverride temporary;
};

struct IngressPolicy {
  // Scales out before a rule fires: when the streams after the lead time would exceed this share of
  // the limit.
  struct Trigger {
    bool enabled = false;
    double share = 0.95;
    double target = 0.85;  // streams / limit after the change
  };
  struct Out {
    Trigger trigger;
    absl::Duration stabilization = absl::ZeroDuration();
    StepPolicy step{100, 100, absl::Seconds(60)};
    absl::Duration settle = absl::Minutes(5);
  };
  struct In {
    absl::Duration after_out =
        absl::ZeroDuration();  // minimum time between a scale-out and a scale-in
    double min_change = 0.1;
    StepPolicy step{1, 25, absl::Minutes(5)};
  };
  struct Sizing {
    double target = 0.6;  // streams / limit after a change
    Lead lead;
  };
  ReplicaPolicy replicas;
  Out out;
  In in;
  Sizing sizing;
};

struct ProcPolicy {
  // Scales out before a rule fires: when the load after the lead time would make more than this
  // share of tasks wait longer than wait_limit.
  struct Trigger {
    bool enabled = false;
    double share = 0.25;
  };
  struct Out {
    Trigger trigger;
    absl::Duration stabilization = absl::ZeroDuration();
    StepPolicy step{100, 100, absl::Seconds(60)};
    absl::Duration settle = absl::Minutes(5);
  };
  struct In {
    absl::Duration after_out =
        absl::Minutes(15);  // minimum time between a scale-out and a scale-in
    double min_change = 0.3;
    StepPolicy step{1, 50, absl::Minutes(15)};
  };
  struct Sizing {
    double wait_limit = 2;  // seconds; between the in and out thresholds of queue_wait
    double wait_share = 0.05;
    double in_share = 0.05;  // the same share, for the size after a scale-in
    absl::Duration drain = absl::Seconds(60);
    Lead lead;
    bool seasons = false;  // forecast from the same time on earlier days, see season.h
  };
  ReplicaPolicy replicas;
  Out out;
  In in;
  Sizing sizing;
};

struct InputPolicy {
  absl::Duration max_age = absl::Seconds(60);
  absl::Duration hold = absl::Minutes(5);
  GapPolicy gaps;
  double min_samples = 5;
  absl::Duration trend_window = absl::Minutes(2);
};

// Connection budget of a server: (limit - reserved) x (1 - headroom).
struct ConnectionPolicy {
  double reserved = 0;
  double headroom = 0.15;
};

struct BudgetPolicy {
  ConnectionPolicy postgres{10, 0.15};
  ConnectionPolicy redis{10, 0.15};
  double surge = 0.25;  // extra replicas during a rollout, as a share of the count
};

// Service level objective: the share of requests that are admitted, and of tasks that start within
// the limit. Only the burn-rate alerts use it, not the recommender.
struct SloPolicy {
  double objective = 0.99;
  double wait_limit = 10;  // seconds
  double min_events = 100;
};

// In the order of the service's rule rows; a shorter table leaves the rest unused.
using RulePolicies = std::array<RulePolicy, kMaxRules>;

constexpr RulePolicies DefaultRules(Service service) {
  RulePolicies policies;
  std::size_t i = 0;
  for (const RuleRow& row : RuleRows(service)) policies[i++] = row.policy;
  return policies;
}

struct Policy {
  bool allow_outside_documented_range = false;
  InputPolicy input;
  IngressPolicy ingress;
  ProcPolicy proc;
  PerService<RulePolicies> rules = {DefaultRules(Service::kIngress), DefaultRules(Service::kProc)};
  BudgetPolicy budget;
  SloPolicy slo;

  const RulePolicy& RuleOf(Service service, const RuleRow& row) const {
    return rules[service][IndexOf(service, row)];
  }
};

// Longest duration of the enabled in-rules: demand must stay low this long before a scale-in.
absl::Duration InWindow(const Policy& policy, Service service);

// All errors, each a sentence that names the key, the value and what is allowed. Empty: valid.
std::vector<std::string> Validate(const Policy& policy);

}  // namespace chatscale::recommender
