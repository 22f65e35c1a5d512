// Plays a system against the recommender, and prints what chatscale would have published, as JSON:
// {"name{label=\"value\",...}": [value or null, a tick each], ...}.
//
//   chatscale_play demo SECONDS SEED START CONNECTIONS [LOST UNTIL]
//   chatscale_play document SECONDS FILE
//
// demo: the simulated system, which follows the recommendation, from START (Unix time) on;
// CONNECTIONS are those PostgreSQL allows; between LOST and UNTIL, seconds since the start, nothing
// can be read. document: a recorded one, over and over again.
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/document/monitoring_json.h"
#include "exporter/recommendations/signals_of.h"
#include "exporter/sources/demo_source.h"
#include "recommender/recommend.h"
#include "tests/support/samples.h"
#include "tests/support/temp_folder.h"

namespace chatscale {
namespace {

constexpr double kTickSeconds = 15;  // as recommender.yml is evaluated
const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

class Recording {
 public:
  void Add(const View& view) {
    for (const PublishedFamily& family : SamplesOf(view).families) {
      const std::string& name = family.as->prometheus_name;
      for (const ClientMetric& metric : family.data.metric) {
        std::vector<nlohmann::json>& values = series_[Named(name, metric.label)];
        values.resize(ticks_);
        values.emplace_back(ValueOf(family.data.type, metric));
      }
    }
    ++ticks_;
  }

  void Print(std::ostream& out) {
    nlohmann::json all = nlohmann::json::object();
    for (auto& [name, values] : series_) {
      values.resize(ticks_);
      all[name] = values;
    }
    out << all << "\n";
  }

 private:
  static std::string Named(const std::string& name, const Labels& labels) {
    return absl::StrCat(name, "{",
                        absl::StrJoin(labels, ",",
                                      [](std::string* out, const Label& label) {
                                        absl::StrAppend(out, label.name, "=\"", label.value, "\"");
                                      }),
                        "}");
  }

  std::map<std::string, std::vector<nlohmann::json>> series_;
  std::size_t ticks_ = 0;
};

View Seen(absl::Time now, const std::optional<Snapshot>& snapshot, const recommender::Step& step) {
  TargetView target;
  target.target = {"demo", "demo"};
  target.built_at = now;
  target.snapshot = snapshot;
  Recommendations recommendations;
  recommendations.evaluated_at = now;
  for (const Service service : kServices) {
    recommendations.services[service] = {step.recommendations[service], "", {}, now};
  }
  target.recommendations = std::make_shared<const Recommendations>(std::move(recommendations));
  SourceHealth health;
  health.source = "demo";
  health.up = snapshot.has_value();
  target.sources.push_back(health);
  View view;
  view.mode = "demo";
  view.targets.push_back(std::move(target));
  return view;
}

// What is seen of the system at each tick; nullopt: nothing.
class System {
 public:
  virtual ~System() = default;
  virtual std::optional<Snapshot> See(double seconds) = 0;
  virtual void Follow(int ingress, int proc) = 0;
};

class DemoPlayer : public System {
 public:
  struct Course {
    std::uint64_t seed;
    double start, connections, lost, until;
  };
  explicit DemoPlayer(const Course& course) : course_(course), system_(course.seed, course.start) {}

  std::optional<Snapshot> See(double seconds) override {
    system_.AdvanceTo(course_.start + seconds);
    if (seconds >= course_.lost && seconds < course_.until) return std::nullopt;
    Snapshot snapshot = ParseMonitoringDocument(DemoDocument(system_)).value();
    snapshot.db.limit = course_.connections;
    return snapshot;
  }
  void Follow(int ingress, int proc) override { system_.SetDesired(ingress, proc); }

 private:
  const Course course_;
  DemoSystem system_;
};

class Repeated : public System {
 public:
  explicit Repeated(const std::string& file) {
    snapshot_ = ParseMonitoringDocument(ReadFile(file)).value();
  }
  std::optional<Snapshot> See(double) override { return snapshot_; }
  void Follow(int, int) override {}

 private:
  Snapshot snapshot_;
};

void Play(System& system, double seconds) {
  recommender::Step step;
  std::optional<absl::Time> seen_at;
  Recording recording;
  for (double at = 0; at < seconds; at += kTickSeconds) {
    const std::optional<Snapshot> snapshot = system.See(at);
    const absl::Time now = kStart + absl::Seconds(at);
    if (snapshot) seen_at = now;
    const SignalTimes times{now, seen_at, seen_at};
    step = recommender::Recommend({}, std::move(step.state),
                                  SignalsOf(snapshot.value_or(Snapshot()), times));
    recording.Add(Seen(now, snapshot, step));
    const auto& [ingress, proc] = step.recommendations;
    if (ingress.desired && proc.desired) system.Follow(*ingress.desired, *proc.desired);
  }
  recording.Print(std::cout);
}

std::unique_ptr<System> SystemOf(const std::vector<std::string>& words) {
  const double never = std::numeric_limits<double>::infinity();
  const auto number = [&](std::size_t i) { return i < words.size() ? std::stod(words[i]) : never; };
  if (words.at(0) == "document") return std::make_unique<Repeated>(words.at(2));
  return std::make_unique<DemoPlayer>(
      DemoPlayer::Course{std::stoull(words.at(2)), number(3), number(4), number(5), number(6)});
}

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  chatscale::Play(*chatscale::SystemOf(words), std::stod(words.at(1)));
  return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}
