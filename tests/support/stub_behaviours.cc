#include "tests/support/stub_behaviours.h"

#include <zlib.h>

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace chatscale::stub {
namespace {

constexpr std::size_t kGibibyte = std::size_t{1} << 30;
constexpr std::size_t kBlock = std::size_t{1} << 16;

std::string Head(int status, std::size_t length, const std::string& more = "") {
  return absl::StrCat("HTTP/1.1 ", status, " Reason\r\nContent-Length: ", length, "\r\n", more,
                      "\r\n");
}

std::string Chunk(const std::string& bytes) {
  return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

// A gzip stream, fed in pieces.
class GzipStream {
 public:
  GzipStream() {
    deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  }
  ~GzipStream() { deflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  std::string Add(std::string bytes, bool last) {
    std::string out(bytes.size() + 128, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    deflate(&stream_, last ? Z_FINISH : Z_SYNC_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return out;
  }

 private:
  z_stream stream_{};
};

}  // namespace

StubBehaviour Answer(std::string body) { return Status(200, std::move(body)); }

StubBehaviour Status(int status, std::string body) {
  return [status, body = std::move(body)](const StubRequest& request, StubConnection& connection) {
    return connection.Write(Head(status, body.size()) + (request.method == "HEAD" ? "" : body));
  };
}

StubBehaviour Raw(std::string bytes) {
  return [bytes = std::move(bytes)](const StubRequest&, StubConnection& connection) {
    connection.Write(bytes);
    return false;
  };
}

StubBehaviour Drip(absl::Duration interval) {
  return [interval](const StubRequest&, StubConnection& connection) {
    for (const char c : Head(200, 2) + "{}") {
      if (!connection.Write({&c, 1}) || !connection.Pause(interval)) return false;
    }
    return true;
  };
}

StubBehaviour Hang() {
  return [](const StubRequest&, StubConnection& connection) {
    connection.WaitForClose();
    return false;
  };
}

StubBehaviour HangAfterHeaders() {
  return [](const StubRequest&, StubConnection& connection) {
    connection.Write(Head(200, 2));
    connection.WaitForClose();
    return false;
  };
}

StubBehaviour TruncatedBody(std::string body) { return Raw(Head(200, body.size() + 1) + body); }

StubBehaviour TruncatedChunks(std::string body) {
  return Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk(body));
}

StubBehaviour EndlessBody(bool announced) {
  return [announced](const StubRequest&, StubConnection& connection) {
    const std::string block(kBlock, 'x');
    bool open = connection.Write(announced ? Head(200, kGibibyte) : "HTTP/1.1 200 OK\r\n\r\n");
    for (std::size_t sent = 0; open && sent < kGibibyte; sent += kBlock) {
      open = connection.Write(block);
    }
    return false;
  };
}

StubBehaviour GzipBomb() {
  return [](const StubRequest&, StubConnection& connection) {
    GzipStream gzip;
    bool open = connection.Write(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t done = 0; open && done < kGibibyte; done += kBlock) {
      const bool last = done + kBlock >= kGibibyte;
      open = connection.Write(Chunk(gzip.Add(std::string(kBlock, '\0'), last)));
    }
    if (open) connection.Write("0\r\n\r\n");
    return false;
  };
}

StubBehaviour Gzipped(std::string body) {
  const std::string bytes = GzipStream().Add(std::move(body), true);
  return Raw(Head(200, bytes.size(), "Content-Encoding: gzip\r\n") + bytes);
}

StubBehaviour HugeHeaders() {
  return [](const StubRequest&, StubConnection& connection) {
    bool open = connection.Write("HTTP/1.1 200 OK\r\n");
    const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
    while (open) open = connection.Write(line);
    return false;
  };
}

StubBehaviour Redirect(std::string path, std::string location, std::string body) {
  return [=, answer = Answer(std::move(body))](const StubRequest& request,
                                               StubConnection& connection) {
    if (request.target != path) return answer(request, connection);
    return connection.Write(Head(302, 0, "Location: " + location + "\r\n"));
  };
}

}  // namespace chatscale::stub
