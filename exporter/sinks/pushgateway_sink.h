// Samples to a Pushgateway, for jobs that nobody can scrape.
// https://github.com/prometheus/pushgateway#api
//
// PUT replaces the whole group, so what is no longer published is no longer there. Of samples whose
// source failed nothing is left in it; how old the group is tells push_time_seconds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "exporter/http/http_client.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

struct PushgatewayOptions {
  bool enabled = false;
  std::string url;  // "http://user:password@host:9091/prefix"; secret
  std::string job = "kdcube_metrics";
  std::vector<std::pair<std::string, std::string>> grouping;
  std::string user, password_file;  // instead of those in the URL; the file is read for each push
  HttpClientOptions http = {.environment_proxy = true};
  bool delete_at_end = false;
};

// "/metrics/job/a/tenant/b": the grouping key in the path; base64 where a value is empty, has a
// slash or means another place in a path.
std::string PushgatewayPath(std::string_view job,
                            const std::vector<std::pair<std::string, std::string>>& grouping);

class PushgatewaySink : public Sink {
 public:
  explicit PushgatewaySink(PushgatewayOptions options);

  std::string_view name() const override { return "pushgateway"; }
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;
  absl::Status End(absl::Duration timeout) override;

 private:
  absl::Status Send(std::string method, std::string body, absl::Duration timeout);

  const PushgatewayOptions options_;
  const std::string url_;
  HttpClient client_;
};

}  // namespace chatscale
