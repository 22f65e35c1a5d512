// Bytes of a client, through the stream and the library's parser, on a real socket.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "exporter/server/connection_stream.h"
#include "exporter/server/http_server.h"
#include "fuzz/bytes.h"
#include "fuzz/must.h"

namespace chatscale {
namespace {

int Port() {
  static HttpServer server({.host = "127.0.0.1", .port = 0});
  static const int port = [] {
    const auto handler = [](const WebRequest& request) {
      const bool gzip = AcceptsGzip(request.Header("accept-encoding"));
      return TextResponse(200, request.path + request.Query("tenant") + (gzip ? "z" : ""));
    };
    server.Get("/", handler);
    server.Get("/under/*", handler);
    server.Post("/", handler);
    return *server.Start();
  }();
  return port;
}

std::string Responses(std::string_view requests) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(Port()));
  MUST(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::send(fd, requests.data(), requests.size(), MSG_NOSIGNAL);
  ::shutdown(fd, SHUT_WR);
  std::string responses;
  std::array<char, 65536> chunk;
  ssize_t got = 0;
  while ((got = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0) {
    responses.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return responses;
}

// Takes one response off the front.
void TakeResponse(std::string_view& bytes, bool head_only) {
  const std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
  if (bytes.starts_with(interim)) bytes.remove_prefix(interim.size());
  MUST(bytes.starts_with("HTTP/1.1 "));
  const std::size_t end = bytes.find("\r\n\r\n");
  MUST(end != bytes.npos);
  const std::string_view name = "\r\nContent-Length: ";
  const std::size_t length = bytes.substr(0, end).find(name);
  MUST(length != bytes.npos);
  const std::size_t body =
      head_only ? 0 : std::stoul(std::string(bytes.substr(length + name.size(), 20)));
  MUST(bytes.size() >= end + 4 + body);
  bytes.remove_prefix(end + 4 + body);
}

}  // namespace
}  // namespace chatscale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chatscale;
  const std::string_view bytes = fuzz::Bytes(data, size).All();
  const std::string all = Responses(bytes);
  const std::size_t end = bytes.find("\r\n\r\n");
  MUST(end != bytes.npos || bytes.size() >= kMaxHeadBytes || all.empty());
  if (end == bytes.npos || end + 4 > kMaxHeadBytes) return 0;
  std::string head(bytes.substr(0, end + 4));
  const RequestHead prepared = PrepareHead(head);
  MUST(head.ends_with("\r\n\r\n") && head.find("\r\n\r\n") == head.size() - 4);
  std::string_view rest = all;
  TakeResponse(rest, head.starts_with("HEAD "));
  // The library must not take any of the body for another request.
  if (prepared.refusal != 0 || prepared.announces_body) MUST(rest.empty());
  return 0;
}
