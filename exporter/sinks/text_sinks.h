// Text sinks: Pushgateway and textfile, which take Prometheus' text format; and which families
// every sink gets: all except those of the process, whose names belong to the process that is
// scraped.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "exporter/http/http_client.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/families.h"
#include "exporter/sinks/sink.h"

namespace chatscale {

// In Prometheus' text format.
std::string ChatFamilies(const Publication& publication);

// The families of one target, with timestamps, for receivers that need them.
// Observed families have the time at which their document last changed, and are omitted where it is
// unknown. All others, and everything in demo mode (simulated time), have the time at which the
// view was built. `target` is one of the publication's.
void EachTimedFamily(const Publication& publication, const TargetView& target,
                     const std::function<void(const PublishedFamily&, absl::Time)>& take);

// Pushgateway sink: pushes samples for jobs that cannot be scraped.
// https://github.com/prometheus/pushgateway#api
//
// PUT replaces the whole group, so series of a failed source, and others that are no longer
// published, disappear. push_time_seconds shows the age of the group.

struct PushgatewayOptions {
  bool enabled = false;
  std::string url;  // "http://user:password@host:9091/prefix"; secret
  std::string job = "kdcube_metrics";
  std::vector<std::pair<std::string, std::string>> grouping;
  std::string user, password_file;  // instead of the URL's; the file is read for each push
  HttpClientOptions http = {.environment_proxy = true};
  bool delete_at_end = false;
};

// Path of the grouping key: "/metrics/job/a/tenant/b". A value that is empty, contains a slash, or
// is "." or ".." is base64.
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

// Textfile sink: writes samples to a file for the textfile collector of node_exporter, where
// chatscale cannot be scraped. https://github.com/prometheus/node_exporter#textfile-collector
//
// Prometheus' text format, replaced atomically. Process families are omitted: node_exporter has the
// same names and would reject the file. node_textfile_mtime_seconds shows the file's age; the file
// is removed when this process ends, except after a crash.

class TextfileSink : public Sink {
 public:
  explicit TextfileSink(std::string path) : path_(std::move(path)) {}

  std::string_view name() const override { return "textfile"; }
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;
  absl::Status End(absl::Duration timeout) override;

 private:
  const std::string path_;
};

}  // namespace chatscale
