// Takes PutMetricData as AWS does, on a free loopback port: tests/aws/cloudwatch_endpoint.py.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/child_process.h"

namespace chatscale {

struct AwsAccount {
  std::string key_id = "AKIDEXAMPLE";
  std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  std::string token;  // empty: none is expected
};

class CloudWatchEndpoint {
 public:
  explicit CloudWatchEndpoint(const AwsAccount& account = {});

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The requests taken: [{"namespace", "data": […], "encoding", "bytes"}].
  nlohmann::json Taken() const;
  // The next `times` requests, but for the first `after` of them, are answered so.
  void Fail(int status, const std::string& code, int times = 1, int after = 0);

 private:
  ChildProcess process_;
  int port_ = 0;
};

}  // namespace chatscale
