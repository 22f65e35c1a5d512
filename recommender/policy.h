// Every knob of the recommender, with its default. Units live in the types; plain numbers say
// theirs. The defaults are the policy `documented`: the operating guide's numbers. Bounds, units
// and the guide's sentences for each field are in policy_fields.cc, in one table.
//
//   for each service      in gate < sizing target < out gate
//
// so that neither a scale-out nor a scale-in lands inside the other's gate. A plain value.
#pragma once

#include "absl/time/time.h"
#include "recommender/rule.h"

namespace chatscale::recommender {

// At most max(replicas, percent of the count at the start of the period) per period.
struct StepPolicy {
  int replicas = 0;
  double percent = 0;
  absl::Duration period;
};

struct ReplicaPolicy {
  int min = 1;
  // Give the autoscaler the same maximum. 100 is the default of KEDA.
  int max = 100;
};

struct IngressPolicy {
  struct Out {
    RulePolicy saturation{0.7, absl::Minutes(2)};
    RulePolicy rest_latency{1.5, absl::Minutes(5)};             // seconds, p95
    RulePolicy saturation_fast{0.9, absl::Seconds(30), false};  // policy `responsive`
    absl::Duration stabilization = absl::ZeroDuration();
    StepPolicy step{4, 100, absl::Seconds(60)};
    absl::Duration settle = absl::Minutes(5);
  };
  struct In {
    RulePolicy saturation{0.3, absl::Minutes(10)};
    RulePolicy rest_latency{0.5, absl::Minutes(10)};  // seconds, p95
    double min_change = 0.1;
    StepPolicy step{1, 25, absl::Minutes(5)};
  };
  struct Sizing {
    double target = 0.6;  // streams / limit after a change
    absl::Duration lead = absl::Seconds(90);
  };
  ReplicaPolicy replicas;
  Out out;
  In in;
  Sizing sizing;
};

struct ProcPolicy {
  struct Out {
    RulePolicy pressure{0.7, absl::Minutes(2)};
    RulePolicy queue_wait{3, absl::Minutes(2)};  // seconds
    RulePolicy mean_pressure{0.8, absl::ZeroDuration()};
    RulePolicy queue_growth{1, absl::Minutes(3)};             // tasks per minute
    RulePolicy exec_latency{60, absl::Minutes(5), false};     // seconds, p95
    RulePolicy queue_wait_fast{9, absl::Seconds(30), false};  // seconds; policy `responsive`
    absl::Duration stabilization = absl::ZeroDuration();
    StepPolicy step{4, 100, absl::Seconds(60)};
    absl::Duration settle = absl::Minutes(5);
  };
  struct In {
    RulePolicy utilization{0.3, absl::Minutes(10)};
    RulePolicy queue_wait{1, absl::Minutes(10)};  // seconds
    RulePolicy pressure{0.4, absl::Minutes(10)};
    RulePolicy queue_growth{1, absl::ZeroDuration()};  // tasks per minute, at most
    double min_change = 0.1;
    StepPolicy step{1, 25, absl::Minutes(5)};
  };
  struct Sizing {
    double wait_limit = 2;  // seconds; between the gates of queue_wait
    double wait_share = 0.05;
    absl::Duration drain = absl::Seconds(60);
    absl::Duration lead = absl::Seconds(90);
  };
  ReplicaPolicy replicas;
  Out out;
  In in;
  Sizing sizing;
  absl::Duration mean_pressure_window = absl::Minutes(15);
};

struct InputPolicy {
  absl::Duration max_age = absl::Seconds(60);
  absl::Duration hold = absl::Minutes(5);
  GapPolicy gaps;
  double min_samples = 5;
  absl::Duration adopt_after = absl::Minutes(10);
  absl::Duration trend_window = absl::Minutes(2);
};

// A server's connections: (limit - reserved) x (1 - headroom) may be planned for.
struct ConnectionPolicy {
  double reserved = 0;
  double headroom = 0.15;
};

struct BudgetPolicy {
  ConnectionPolicy postgres{10, 0.15};
  ConnectionPolicy redis{10, 0.15};
  double surge = 0.25;  // extra replicas while a rollout runs, share of the count
};

// What users are promised: this share of requests is admitted, and this share of tasks is taken
// within the limit. The recommender does not look at it; alerts on burn rates do.
struct SloPolicy {
  double objective = 0.99;
  double wait_limit = 10;  // seconds
  double min_events = 100;
};

struct Policy {
  bool allow_outside_documented_range = false;
  InputPolicy input;
  IngressPolicy ingress;
  ProcPolicy proc;
  BudgetPolicy budget;
  SloPolicy slo;
};

}  // namespace chatscale::recommender
