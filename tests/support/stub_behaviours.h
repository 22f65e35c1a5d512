// What a StubServer can be told to do with a request.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "tests/support/stub_server.h"

namespace chatscale::stub {

StubBehaviour Answer(std::string body);  // 200, keeps the connection
StubBehaviour Status(int status, std::string body = "");
StubBehaviour Raw(std::string bytes);         // these bytes, then close
StubBehaviour Drip(absl::Duration interval);  // a complete answer, one byte at a time
StubBehaviour Hang();                         // nothing, until the client leaves
StubBehaviour HangAfterHeaders();
StubBehaviour TruncatedBody(std::string body);    // Content-Length promises one byte more
StubBehaviour TruncatedChunks(std::string body);  // no final chunk
StubBehaviour EndlessBody(bool announced);        // a gibibyte, with or without a Content-Length
StubBehaviour GzipBomb();  // a gibibyte of zeros, compressed to about a mebibyte
StubBehaviour Gzipped(std::string body);
StubBehaviour HugeHeaders();  // headers without end
// 302 to `location` for `path`, else 200 with `body`.
StubBehaviour Redirect(std::string path, std::string location, std::string body);

}  // namespace chatscale::stub
