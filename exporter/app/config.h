// Configuration: the validated settings. Plain values; secrets are marked and never printed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "exporter/loop/poll_loop.h"
#include "exporter/metrics/naming.h"
#include "exporter/recommendations/decision_log.h"
#include "exporter/recommendations/recommender.h"
#include "exporter/redis/redis_source.h"
#include "exporter/server/access.h"
#include "exporter/server/http_server.h"
#include "exporter/sinks/cloudwatch_sink.h"
#include "exporter/sinks/export_schedule.h"
#include "exporter/sinks/otlp_sink.h"
#include "exporter/sinks/text_sinks.h"
#include "exporter/sources/demo_source.h"
#include "exporter/sources/max_connections.h"
#include "exporter/sources/proxy_source.h"

namespace chatscale {

enum class Mode { kRedis, kProxy, kDemo };

struct Config {
  Mode mode = Mode::kRedis;
  HttpServerOptions server;
  AccessOptions access;
  PollLoopOptions collection;
  absl::Duration scrape_ttl = absl::Seconds(10);
  ProxySourceOptions proxy;
  RedisSourceOptions redis;
  PostgresOptions postgres;
  DemoOptions demo;
  bool run_once = false;  // collect, export, exit
  // Scheduled exports, to all sinks that do not export after every collection cycle.
  bool export_scheduled = false;
  ExportScheduleOptions schedule;
  PushgatewayOptions pushgateway;
  CloudWatchOptions cloudwatch;
  OtlpOptions otlp;
  NameScheme naming = NameScheme::kChat;
  std::vector<MappedName> mapping;
  std::string policy_file;  // empty: the policy `documented`
  RecommenderOptions recommender;
  DecisionLogOptions decisions;
  std::string textfile_path;  // empty: no textfile sink
  // Labels of the series; empty: unknown.
  std::string tenant;
  std::string project;
  std::string log_level = "info";
  std::string log_format = "text";
};

const char* ModeName(Mode mode);

// Whether any sink is configured.
bool HasSink(const Config& config);

// Whether there may be more than one target.
bool HasSeveralTargets(const Config& config);

}  // namespace chatscale
