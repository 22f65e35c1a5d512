#include "exporter/commands/snapshot_of_sink.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "exporter/commands/sink_options.h"
#include "exporter/sinks/chat_families.h"
#include "exporter/sinks/cloudwatch/put_metric_data.h"

namespace chatscale {
namespace {

constexpr const char* kCloudWatch = "cloudwatch";
constexpr const char* kPushgateway = "pushgateway";
constexpr const char* kOtlp = "otlp";

}  // namespace

bool IsSinkFormat(const std::string& format) {
  return format == kCloudWatch || format == kPushgateway || format == kOtlp;
}

std::string SnapshotOfSink(const Config& config, const Publication& publication,
                           const std::string& format) {
  if (format == kCloudWatch) {
    const CloudWatchOptions options = CloudWatchOf(config);
    return PutMetricDataJson(options.name_space,
                             MetricDataOf(publication, options.dimensions, options.name_targets),
                             options.high_resolution) +
           "\n";
  }
  if (format == kPushgateway) {
    const PushgatewayOptions options = PushgatewayOf(config.pushgateway);
    return absl::StrCat("# PUT ", PushgatewayPath(options.job, options.grouping), "\n",
                        ChatFamilies(publication));
  }
  const OtlpOptions options = OtlpOf(config.otlp);
  return absl::StrJoin(OtlpRequests(publication, WithService(options.resource)), "\n") + "\n";
}

}  // namespace chatscale
