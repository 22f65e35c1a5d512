#include "exporter/metrics/naming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/samples.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

const PublishedRow* Find(const Naming& naming, std::string_view prometheus_name) {
  const auto rows = naming.rows();
  const auto found = std::ranges::find(rows, prometheus_name, &PublishedRow::prometheus_name);
  return found == rows.end() ? nullptr : &*found;
}

std::shared_ptr<const Naming> Mapped(std::vector<MappedName> mapping,
                                     NameScheme scheme = NameScheme::kChat) {
  auto naming = Naming::Of(scheme, mapping);
  EXPECT_TRUE(naming.ok()) << naming.status();
  return naming.ok() ? *naming : Naming::Own();
}

std::string FaultOf(std::vector<MappedName> mapping, NameScheme scheme = NameScheme::kChat) {
  const auto naming = Naming::Of(scheme, mapping);
  return naming.ok() ? "" : std::string(naming.status().message());
}

View Observed() {
  Snapshot snapshot;
  snapshot.queue.total = 7;
  snapshot.queue.wait[0].p95_seconds = 0.664;
  snapshot.sse.connections = 87;
  snapshot.sse.limit = 100;
  snapshot.throttling.proc.hour.rate_limit_429 = 60;
  snapshot.throttling.ingress.windows[0].rate_limit_429 = 1;
  View view;
  TargetView& target = view.targets.emplace_back();
  target.snapshot = snapshot;
  return view;
}

// {Prometheus name, value}, of what has one sample.
std::map<std::string, double> ValuesOf(std::shared_ptr<const Naming> naming) {
  std::map<std::string, double> values;
  FamilyOptions options;
  options.naming = std::move(naming);
  for (const PublishedFamily& family : SamplesOf(Observed(), options).families) {
    if (family.data.metric.size() == 1) {
      values[family.data.name] = ValueOf(family.data.type, family.data.metric[0]);
    }
  }
  return values;
}

TEST(Naming, DefaultNamesMatchTheCatalogue) {
  ASSERT_EQ(Naming::Own()->rows().size(), Catalogue().size());
  for (std::size_t i = 0; i < Catalogue().size(); ++i) {
    EXPECT_EQ(Naming::Own()->rows()[i].name, Catalogue()[i].name);
  }
}

TEST(Naming, KdcubeSchemeExportsTwentyUpstreamScalars) {
  const auto naming = Mapped({}, NameScheme::kKdcube);
  std::set<std::string> theirs, observed;
  for (const PublishedRow& row : naming->rows()) {
    if (row.key) theirs.insert(row.name);
    if (row.row->IsObserved()) observed.insert(row.name);
  }
  EXPECT_EQ(theirs.size(), 20U);
  EXPECT_EQ(observed, theirs);
  const PublishedRow* wait = Find(*naming, "kdcube_proc_queue_wait_p95_ms");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->cloudwatch_name, "proc/queue/wait/p95_ms");
  EXPECT_EQ(wait->cloudwatch_unit, "Count");  // what the upstream sends
  EXPECT_EQ(wait->ucum_unit, "ms");
  EXPECT_THAT(wait->help, HasSubstr("in milliseconds"));
  EXPECT_NE(Find(*naming, "chat_recommender_desired_replicas"), nullptr);
  const auto values = ValuesOf(naming);
  EXPECT_EQ(values.at("kdcube_proc_queue_wait_p95_ms"), 664);
  EXPECT_EQ(values.at("kdcube_throttling_rate_limit_429"), 60);
  EXPECT_EQ(values.at("kdcube_ingress_sse_saturation_percent"), 87);
}

TEST(Naming, MappedKeyReplacesTheRowWithTheSameValue) {
  const auto naming = Mapped({{"proc.queue.wait.p95_ms", "Processor/QueueWaitP95", ""}});
  const PublishedRow* wait = Find(*naming, "Processor_QueueWaitP95");
  ASSERT_NE(wait, nullptr);
  EXPECT_EQ(wait->cloudwatch_name, "Processor/QueueWaitP95");
  EXPECT_EQ(wait->cloudwatch_unit, "Milliseconds");
  EXPECT_TRUE(wait->contract);
  EXPECT_EQ(Find(*naming, "chat_proc_queue_wait_p95"), nullptr);
  EXPECT_EQ(ValuesOf(naming).at("Processor_QueueWaitP95"), 664);
}

TEST(Naming, MappedKeyWithoutOwnRowIsAdded) {
  const auto values = ValuesOf(Mapped({{"throttling.rate_limit_429", "edge.refused", ""},
                                       {"ingress.sse.saturation_percent", "full", ""}}));
  EXPECT_EQ(values.at("edge_refused"), 60);  // of the hour
  EXPECT_EQ(values.at("chat_ingress_throttle_rate_limit_429"), 1);
  EXPECT_EQ(values.at("full"), 87);
  EXPECT_EQ(values.at("chat_ingress_sse_saturation"), 0.87);
}

TEST(Naming, ConvertsUnitsOfTheSameKind) {
  const auto value = [](const char* key, const char* unit) {
    return ValuesOf(Mapped({{key, "x", unit}})).at("x");
  };
  EXPECT_EQ(value("proc.queue.wait.p95_ms", "Seconds"), 0.664);
  EXPECT_EQ(value("proc.queue.wait.p95_ms", "Microseconds"), 664'000);
  EXPECT_EQ(value("proc.queue.wait.p95_ms", "Count"), 664);  // says nothing of the scale
  EXPECT_EQ(value("ingress.sse.saturation_ratio", "Percent"), 87);
  EXPECT_EQ(value("ingress.sse.saturation_percent", "None"), 87);
}

TEST(Naming, MappingToARowsOwnNameKeepsItsValue) {
  const char* own = "chat.ingress.throttle.rate_limit_429";
  EXPECT_EQ(ValuesOf(Mapped({{"throttling.rate_limit_429", own, ""}})), ValuesOf(Naming::Own()));
  EXPECT_EQ(ValuesOf(Mapped({{"proc.queue.wait.p95_ms", "chat/proc/queue/wait/p95", "Seconds"}})),
            ValuesOf(Naming::Own()));
  EXPECT_EQ(
      FaultOf({{"proc.queue.wait.p95_ms", "chat.proc.queue.wait.p95", "Milliseconds"}}),
      "\"proc.queue.wait.p95_ms\": \"Milliseconds\": expected as unit of chat.proc.queue.wait.p95 "
      "Seconds");
}

TEST(Naming, KdcubePrefixesMappedNames) {
  const auto naming =
      Mapped({{"proc.queue.total", "1/Tasks", ""}, {"ingress.rest.latency.p95_ms", "rest", ""}},
             NameScheme::kKdcube);
  const PublishedRow* tasks = Find(*naming, "kdcube_m_1_Tasks");
  ASSERT_NE(tasks, nullptr);
  EXPECT_EQ(tasks->cloudwatch_name, "1/Tasks");
  EXPECT_EQ(Find(*naming, "kdcube_proc_queue_total"), nullptr);
  const PublishedRow* rest = Find(*naming, "kdcube_rest");  // asked for, though never exported
  ASSERT_NE(rest, nullptr);
  EXPECT_EQ(rest->cloudwatch_unit, "Milliseconds");
}

TEST(Naming, ErrorsNameTheEntryAndAllowedValues) {
  EXPECT_THAT(FaultOf({{"proc.queue.wait.p95", "x", ""}}),
              testing::AllOf(HasSubstr("\"proc.queue.wait.p95\": expected one of"),
                             HasSubstr("proc.queue.wait.p95_ms")));
  EXPECT_EQ(FaultOf({{"proc.queue.wait.p95_ms", "x", "Percent"}}),
            "\"proc.queue.wait.p95_ms\": \"Percent\": expected as unit Count, Microseconds, "
            "Milliseconds, None, Seconds");
  for (const std::string name : {"", "_x", "/x", ":x", "ü", " "}) {
    EXPECT_THAT(FaultOf({{"proc.queue.total", name, ""}}), HasSubstr("begins with a letter"))
        << name;
  }
  EXPECT_NE(FaultOf({{"proc.queue.total", std::string(256, 'a'), ""}}), "");
}

TEST(Naming, RejectsNameCollisions) {
  EXPECT_EQ(FaultOf({{"proc.queue.total", "x.y", ""}, {"proc.queue.wait.p95_ms", "x/y", ""}}),
            "\"proc.queue.total\" and \"proc.queue.wait.p95_ms\" both become x_y: expected a name "
            "for each");
  EXPECT_THAT(FaultOf({{"proc.queue.total", "chat.recommender.valid", ""}}),
              HasSubstr("both become chat_recommender_valid"));
  EXPECT_THAT(FaultOf({{"proc.queue.total", "proc.exec.p95_ms", ""}}, NameScheme::kKdcube),
              HasSubstr("both become kdcube_proc_exec_p95_ms"));
  const auto histogram = std::ranges::find(Catalogue(), MetricType::Histogram, &MetricRow::type);
  ASSERT_NE(histogram, Catalogue().end());
  EXPECT_NE(FaultOf({{"proc.queue.total", std::string(histogram->name) + ".count", ""}}), "");
  // Two that change places are two.
  EXPECT_EQ(FaultOf({{"proc.queue.total", "chat.proc.exec.p95", ""},
                     {"proc.exec.p95_ms", "chat.proc.queue.total", ""}}),
            "");
}

}  // namespace
}  // namespace chatscale
