#include <string>

#include "exporter/web/listener/httplib_server.h"
#include "exporter/web/listener/request_frame.h"
#include "exporter/web/listener/request_head.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

namespace chatscale {
namespace {

HttplibServer& Server() {
  static HttplibServer server(
      {.respond =
           [](const WebRequest& request) {
             const bool gzip = AcceptsGzip(request.Header("accept-encoding"));
             return TextResponse(200, request.path + request.Query("tenant") + (gzip ? "z" : ""));
           },
       .served = [](const std::string&, int) {},
       .accepted = [](int) {}},
      std::chrono::seconds(1));
  return server;
}

// However the bytes arrive, the first request ends at the same place.
RequestFrame FrameByPieces(std::string_view bytes) {
  FrameProgress progress;
  RequestFrame frame;
  for (std::size_t had = 1; had <= bytes.size(); ++had) {
    frame = FrameRequest(bytes.substr(0, had), progress);
    if (frame.state != RequestFrame::State::kIncomplete) return frame;
  }
  return frame;
}

void MustBeOneAnswer(std::string_view request) {
  const Answer answer = Server().Serve(request, "127.0.0.1");
  std::string bytes = answer.bytes;
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\n";
  if (bytes.starts_with(interim)) bytes.erase(0, interim.size());
  MUST(bytes.starts_with("HTTP/1.1 "));
  const std::size_t end = bytes.find("\r\n\r\n");
  MUST(end != bytes.npos);
  const std::string head = bytes.substr(0, end + 2);
  const std::size_t length = head.find("\r\nContent-Length: ");
  if (length == head.npos || request.starts_with("HEAD ")) return;
  const std::size_t told = std::stoul(head.substr(length + 18));
  MUST(told == bytes.size() - end - 4 + (answer.body ? answer.body->size() : 0));
}

}  // namespace
}  // namespace chatscale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const std::string_view bytes = fuzz::Bytes(data, size).All();
  const RequestFrame frame = FrameRequest(bytes);
  if (bytes.empty()) return 0;
  const RequestFrame cut = FrameByPieces(bytes);
  MUST(cut.state == frame.state && cut.length == frame.length);
  if (frame.state != RequestFrame::State::kComplete) return 0;
  const std::string_view request = bytes.substr(0, frame.length);
  MUST(PathOf(request).size() <= request.size());
  EachHeader(request, [](std::string_view name, std::string_view value) {
    MUST(name.find('\r') == name.npos && value.find('\n') == value.npos);
  });
  MustBeOneAnswer(request);
  return 0;
}
