#include "exporter/server/connection_stream.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace chatscale {
namespace {

struct Bad {
  std::string request;
  int status;
};

Bad Line(const std::string& line, int status) { return {line + "\r\nHost: a\r\n\r\n", status}; }
Bad Header(const std::string& header, int status) {
  return {"POST / HTTP/1.1\r\nHost: a\r\n" + header + "\r\n\r\n", status};
}

TEST(RequestHead, RejectsMalformedAndAmbiguousRequests) {
  const std::vector<Bad> table = {Line("GET", 400),
                                  Line("GET /", 400),
                                  Line("GET / HTTP/2.0", 400),
                                  Line("GET HTTP/1.1", 400),
                                  Line("GET /a b HTTP/1.1", 400),
                                  Line(" GET / HTTP/1.1", 400),
                                  Line(std::string("GET /\0 HTTP/1.1", 15), 400),
                                  Line("GET /\n HTTP/1.1", 400),
                                  {"GET / HTTP/1.1\r\n\r\n", 400},
                                  Header("Host: b", 400),
                                  Header("no colon", 400),
                                  Header(": x", 400),
                                  Header("Content-Length : 3", 400),
                                  Header("A: b\r\n folded", 400),
                                  Header("A: b\nEvil: c", 400),
                                  Header("Transfer-Encoding: chunked", 411),
                                  Header("transfer-encoding: identity", 411),
                                  Header("Content-Length: -1", 400),
                                  Header("Content-Length: +1", 400),
                                  Header("Content-Length: 0x3", 400),
                                  Header("Content-Length: 3, 3", 400),
                                  Header("Content-Length:", 400),
                                  Header("Content-Length: 1\r\nContent-Length: 1", 400),
                                  Header("Content-Length: 65537", 413),
                                  Header("Content-Length: 99999999999999999999999", 413)};
  for (const Bad& bad : table) {
    std::string head = bad.request;
    EXPECT_EQ(PrepareHead(head).refusal, bad.status) << bad.request;
    EXPECT_EQ(head, "GET / HTTP/1.1\r\n\r\n") << "what the library sees of it";
  }
}

TEST(RequestHead, NeedsNoHostInHttp10) {
  std::string head = "GET / HTTP/1.0\r\n\r\n";
  EXPECT_EQ(PrepareHead(head).refusal, 0);
}

TEST(RequestHead, LineLengthAndCountAreLimited) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  std::string line = start + "A: " + std::string(9'000, 'x') + "\r\n\r\n";
  EXPECT_EQ(PrepareHead(line).refusal, 431);
  std::string target = "GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n\r\n";
  EXPECT_EQ(PrepareHead(target).refusal, 431);
  std::string most = start;
  for (std::size_t i = 2; i < kMaxHeadLines; ++i) most += "A: b\r\n";
  std::string more = most + "A: b\r\n\r\n";
  most += "\r\n";
  EXPECT_EQ(PrepareHead(most).refusal, 0);
  EXPECT_EQ(PrepareHead(more).refusal, 431);
}

TEST(RequestHead, DropsUnsafeHeadersAndNormalizesTarget) {
  std::string head =
      "GET http://u@a:1/b?c=d HTTP/1.1\r\nrAnge: bytes=0-1\r\nAuthorization: Basic %41 \r\n"
      "Host: a\r\nExpect: 100-continue\r\nContent-Type: multipart/form-data\r\nContent-Length: "
      "3\r\nauthorization: second\r\n\r\n";
  const RequestHead prepared = PrepareHead(head);
  EXPECT_EQ(prepared.refusal, 0);
  EXPECT_TRUE(prepared.announces_body);
  EXPECT_EQ(prepared.path, "http://u@a:1/b");
  EXPECT_EQ(prepared.authorization, "Basic %41");
  EXPECT_EQ(head,
            "GET /b?c=d HTTP/1.1\r\nAuthorization: Basic %41 \r\nHost: a\r\nContent-Length: 3\r\n"
            "authorization: second\r\n\r\n");
}

}  // namespace
}  // namespace chatscale
