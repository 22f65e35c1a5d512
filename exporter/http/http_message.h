// One HTTP request and its answer, as values.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace chatscale {

// Names and values, in the order sent. Values may be secret: never print them.
using Headers = std::vector<std::pair<std::string, std::string>>;

// Signs a request as AWS does (Signature Version 4). Known to be right for POST to "/" only.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct AwsSignature {
  std::string region, service;
  std::string key_id, secret;  // never print the secret
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https
  Headers headers;
  std::string body;  // ignored for GET and HEAD
  std::optional<AwsSignature> aws;
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // decompressed
};

}  // namespace chatscale
