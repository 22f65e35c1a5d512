// What the user asked for, checked. Plain values; secrets among them are marked and never printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "exporter/metrics/naming.h"
#include "exporter/model/target.h"

namespace chatscale {

enum class Mode { kRedis, kProxy, kDemo };

struct ProxyConfig {
  PerService<std::string> base_url;  // "/monitoring/system" is appended; empty: none
  std::string header_name;
  std::string header_value;  // secret
  std::string header_value_file;
  std::vector<std::pair<std::string, std::string>> headers;  // values are secret
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
};

struct RedisConfig {
  std::string url = "redis://localhost:6379/0";  // secret: it may hold a password
  std::string password_file;
  std::string ca_file;
  std::vector<Target> targets;  // empty: the one the gateway configuration or TENANT_ID names
  bool discover = false;        // instead of `targets`: everybody found in Redis
  std::string gateway_config_json;
  std::string gateway_yaml_path;
  bool force_environment_config = false;
  std::string instance_id;
};

struct PostgresConfig {
  bool enabled = false;
  std::string host = "localhost";
  int port = 5432;
  std::string user;
  std::string password;  // secret
  std::string password_file;
  std::string database = "postgres";
  bool require_tls = false;
};

// What is pushed at regular intervals, to the sinks that are not told every round.
struct ExportConfig {
  bool scheduled = false;
  absl::Duration interval = absl::Seconds(30);
  bool on_start = true;
  bool once = false;  // collect, export, exit
};

struct PushgatewayConfig {
  bool enabled = false;
  std::string url;  // secret: it may hold a password
  std::string job = "kdcube_metrics";
  std::vector<std::pair<std::string, std::string>> grouping;
  std::string user;
  std::string password_file;
  std::string ca_file;
  std::string client_cert_file;
  std::string client_key_file;
  bool delete_at_end = false;
};

struct CloudWatchConfig {
  bool enabled = false;
  std::string name_space = "KDCube/Metrics";
  std::string region;
  std::vector<std::pair<std::string, std::string>> dimensions;
  bool high_resolution = false;
  std::string endpoint;       // empty: that of the region
  std::string key_id;         // secret
  std::string secret;         // secret
  std::string session_token;  // secret
  // Where there is no key: a profile of a file, what a container is given, an instance's role.
  std::string profile;
  std::string credentials_file = "~/.aws/credentials";
  std::string container_relative_uri;
  std::string container_full_uri;
  std::string container_token;  // secret
  std::string container_token_file;
  bool metadata_disabled = false;
  std::string metadata_endpoint = "http://169.254.169.254";
};

struct OtlpConfig {
  bool enabled = false;
  std::string endpoint = "http://localhost:4318";
  std::vector<std::pair<std::string, std::string>> headers;  // values are secret
  std::vector<std::pair<std::string, std::string>> resource;
  absl::Duration timeout = absl::Seconds(10);
  std::string compression = "gzip";
  std::string ca_file;
};

struct DemoConfig {
  double speed = 144;  // simulated seconds per second: a day in ten minutes
  std::uint64_t seed = 1;
};

struct Config {
  Mode mode = Mode::kRedis;
  std::string listen_host = "0.0.0.0";
  int listen_port = 8090;
  absl::Duration collect_interval = absl::Seconds(15);
  absl::Duration request_timeout = absl::Seconds(5);
  absl::Duration scrape_ttl = absl::Seconds(10);
  absl::Duration max_age = absl::Seconds(75);
  ProxyConfig proxy;
  RedisConfig redis;
  PostgresConfig postgres;
  DemoConfig demo;
  ExportConfig exports;
  PushgatewayConfig pushgateway;
  CloudWatchConfig cloudwatch;
  OtlpConfig otlp;
  NameScheme naming = NameScheme::kChat;
  std::vector<MappedName> mapping;
  std::string policy_file;                  // empty: the documented policy
  std::string state_file;                   // empty: the recommender's state ends with the process
  std::string decisions_file;               // empty: decisions are kept in memory only
  std::string textfile_path;                // empty: no such sink
  bool dry_run = false;                     // advice for people only
  std::string web_config_file;              // empty: HTTP, and everybody may ask
  std::string web_token_file;               // empty: no bearer token
  bool enable_lifecycle = false;            // POST /-/reload
  std::optional<double> redis_max_clients;  // of the chat system's Redis; nullopt: not known
  // Labels of the series; empty when not known.
  std::string tenant;
  std::string project;
  std::string log_level = "info";
  std::string log_format = "text";
};

const char* ModeName(Mode mode);

// Whether anything is pushed anywhere.
bool HasSink(const Config& config);

// Whether there may be more than one.
bool HasSeveralTargets(const Config& config);

}  // namespace chatscale
