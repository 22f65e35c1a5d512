#include "tests/support/cloudwatch_endpoint.h"

#include <gtest/gtest.h>

#include "tests/support/tcp_client.h"

namespace chatscale {
namespace {

using nlohmann::json;

std::string AccountJson(const AwsAccount& account) {
  json described = {{"key_id", account.key_id}, {"secret", account.secret}};
  if (!account.token.empty()) described["token"] = account.token;
  return described.dump();
}

}  // namespace

CloudWatchEndpoint::CloudWatchEndpoint(const AwsAccount& account)
    : process_({ProgramOf("python3", "python3-botocore"), CHATSCALE_AWS "/cloudwatch_endpoint.py",
                AccountJson(account)}) {
  const std::string said = "listening on ";
  if (!process_.WaitFor(said)) {
    ADD_FAILURE() << "the endpoint needs Debian's python3-botocore:\n" << process_.Err();
    return;
  }
  port_ = std::stoi(process_.Out().substr(said.size()));
}

json CloudWatchEndpoint::Taken() const { return json::parse(Fetch(port_, "/_taken").body); }

void CloudWatchEndpoint::Fail(int status, const std::string& code, int times, int after) {
  const std::string body =
      json({{"status", status}, {"code", code}, {"times", times}, {"after", after}}).dump();
  TcpClient client(port_);
  client.Send("POST /_fail HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  client.ReadAll(absl::Seconds(10));
}

}  // namespace chatscale
