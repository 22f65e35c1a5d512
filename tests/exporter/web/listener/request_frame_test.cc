#include "exporter/web/listener/request_frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace chatscale {
namespace {

using State = RequestFrame::State;

TEST(RequestFrame, EndsAfterTheEmptyLine) {
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t n = 0; n < request.size(); ++n) {
    EXPECT_EQ(FrameRequest(request.substr(0, n)).state, State::kIncomplete) << n;
  }
  const RequestFrame frame = FrameRequest(request + "GET /next");
  EXPECT_EQ(frame.state, State::kComplete);
  EXPECT_EQ(frame.length, request.size());
}

TEST(RequestFrame, CountsTheBody) {
  const std::string head = "POST /-/reload HTTP/1.1\r\ncontent-length: 3\r\n\r\n";
  EXPECT_EQ(FrameRequest(head + "ab").state, State::kIncomplete);
  EXPECT_EQ(FrameRequest(head + "abcGET").length, head.size() + 3);
}

struct Bad {
  std::string request;
  int status;
};

Bad Line(const std::string& line, int status) { return {line + "\r\nHost: a\r\n\r\n", status}; }
Bad Header(const std::string& header, int status) {
  return {"POST / HTTP/1.1\r\n" + header + "\r\n\r\n", status};
}

TEST(RequestFrame, RefusesWhatCouldBeReadInTwoWays) {
  const std::vector<Bad> table = {Line("GET", 400),
                                  Line("GET /", 400),
                                  Line("GET / HTTP/2.0", 400),
                                  Line("GET HTTP/1.1", 400),
                                  Line("GET /a b HTTP/1.1", 400),
                                  Line(" GET / HTTP/1.1", 400),
                                  Line("PROPFIND / HTTP/1.1", 501),
                                  Line("get / HTTP/1.1", 501),
                                  Line(std::string("GET /\0 HTTP/1.1", 15), 400),
                                  Line("GET /\n HTTP/1.1", 400),
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
    const RequestFrame frame = FrameRequest(bad.request);
    EXPECT_EQ(frame.state, State::kRefused) << bad.request;
    EXPECT_EQ(frame.status, bad.status) << bad.request;
  }
}

TEST(RequestFrame, RefusesAHeadThatIsTooLong) {
  const std::string start = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(FrameRequest(start + "A: " + std::string(kMostHeadBytes, 'x')).status, 431);
  std::string many = start;
  while (many.size() < kMostHeadBytes) many += "A: b\r\n";
  EXPECT_EQ(FrameRequest(many + "\r\n").status, 431);
  EXPECT_EQ(FrameRequest(start + "A: " + std::string(9'000, 'x') + "\r\n\r\n").status, 431);
  EXPECT_EQ(FrameRequest("GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n\r\n").status, 431);
}

TEST(RequestFrame, ByteByByteGivesWhatAllAtOnceGives) {
  const std::string request =
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n";
  const std::size_t length = request.find("GET");
  FrameProgress progress;
  for (std::size_t n = 1; n <= request.size(); ++n) {
    const RequestFrame frame = FrameRequest(std::string_view(request).substr(0, n), progress);
    EXPECT_EQ(frame.state, n < length ? State::kIncomplete : State::kComplete) << n;
    EXPECT_EQ(frame.length, n < length ? 0 : length) << n;
  }
}

}  // namespace
}  // namespace chatscale
