// What holds for the whole table.
#include "exporter/metrics/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "exporter/metrics/naming.h"

namespace chatscale {
namespace {

bool EndsWith(const std::string& text, const char* suffix) {
  return text.ends_with(suffix) || text.find(std::string(suffix) + "_") != std::string::npos;
}

TEST(Catalogue, NamesAreValidAndUnique) {
  std::set<std::string> seen;
  for (const MetricRow& row : Catalogue()) {
    const std::string name = PrometheusName(row.name);
    EXPECT_TRUE(seen.insert(name).second) << name;
    for (const char c : name) {
      EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) != 0 ||
                  std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_')
          << name;
    }
  }
  EXPECT_FALSE(seen.count("chat_proc_queue"))
      << "as a counter it would clash with the promised gauge";
}

TEST(Catalogue, EachMetricExceptSelfMetricsHasOneReader) {
  for (const MetricRow& row : Catalogue()) {
    const bool of_itself = !row.name.starts_with("chat.") || row.name.starts_with("chat.exporter.");
    const int readers =
        (row.value != nullptr) + (row.of_snapshot != nullptr) + (row.of_target != nullptr);
    EXPECT_LE(readers, 1) << row.name;
    EXPECT_TRUE(readers == 1 || of_itself) << row.name;
    EXPECT_TRUE(readers == 1 || (!row.contract && row.upstream.empty())) << row.name;
  }
}

TEST(Catalogue, HelpIsASentenceWithoutLineBreaks) {
  for (const MetricRow& row : Catalogue()) {
    EXPECT_TRUE(row.help.ends_with(".")) << row.name;
    EXPECT_EQ(row.help.find('\n'), std::string_view::npos) << row.name;
    EXPECT_GT(row.help.size(), 10U) << row.name;
  }
}

TEST(Catalogue, SuffixMatchesUnitAndTypeExceptContractNames) {
  for (const MetricRow& row : Catalogue()) {
    const std::string name = PrometheusName(row.name);
    if (row.contract) continue;
    EXPECT_EQ(name.ends_with("_total"), row.type == MetricType::Counter) << name;
    EXPECT_EQ(EndsWith(name, "_seconds"), row.unit == Unit::kSeconds) << name;
    EXPECT_EQ(EndsWith(name, "_ratio"), row.unit == Unit::kRatio) << name;
    EXPECT_EQ(EndsWith(name, "_bytes"), row.unit == Unit::kBytes) << name;
  }
}

TEST(Catalogue, ContainsAllContractNames) {
  std::set<std::string> contract;
  for (const MetricRow& row : Catalogue()) {
    if (row.contract) contract.insert(std::string(row.name));
  }
  EXPECT_EQ(
      contract,
      (std::set<std::string>{
          "chat.ingress.sse.connections", "chat.ingress.sse.connections_limit",
          "chat.ingress.sse.sessions", "chat.ingress.sse.saturation",
          "chat.ingress.rest.latency.p95", "chat.ingress.throttle.rate_limit_429",
          "chat.ingress.throttle.backpressure_503", "chat.proc.throttle.backpressure_503",
          "chat.proc.queue.total", "chat.proc.queue.utilization", "chat.proc.queue.pressure",
          "chat.proc.queue.wait.p95", "chat.proc.exec.p95", "chat.recommender.desired_replicas",
          "chat.recommender.compensated_desired_replicas", "chat.recommender.ratio_percent",
          "chat.recommender.current_replicas", "chat.recommender.valid"}));
}

TEST(Catalogue, PrometheusNamesUseUnderscores) {
  EXPECT_EQ(PrometheusName("chat.proc.queue.wait.p95"), "chat_proc_queue_wait_p95");
}

TEST(Catalogue, UpstreamScalarsCanBeRead) {
  for (const MetricRow& row : Catalogue()) {
    for (const UpstreamScalar& scalar : row.upstream) {
      EXPECT_TRUE(scalar.read != nullptr || row.value != nullptr) << scalar.key;
      EXPECT_TRUE(scalar.read == nullptr || scalar.factor == 1) << scalar.key;
    }
  }
}

// The same figure of one minute under our name and of one hour under the upstream's.
TEST(UpstreamKeys, ThrottlingCountsCoverOneHour) {
  Snapshot s;
  s.throttling.ingress.windows[0].rate_limit_429 = 1;
  s.throttling.ingress.hour.rate_limit_429 = 60;
  const auto keys = UpstreamKeys();
  const auto key = std::find_if(keys.begin(), keys.end(), [](const UpstreamKey& k) {
    return k.key() == "throttling.rate_limit_429";
  });
  ASSERT_NE(key, keys.end());
  EXPECT_EQ(key->Read(s), 60);
  s.throttling.proc.hour.rate_limit_429 = 61;
  EXPECT_EQ(key->Read(s), 61);
}

TEST(UpstreamKeys, AreTwentyAndSorted) {
  const auto keys = UpstreamKeys();
  EXPECT_EQ(keys.size(), 20U);
  for (std::size_t i = 1; i < keys.size(); ++i) EXPECT_LT(keys[i - 1].key(), keys[i].key());
}

}  // namespace
}  // namespace chatscale
