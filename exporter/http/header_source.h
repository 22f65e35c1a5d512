// The headers of the next request: fixed ones, and one whose value may live in a file, because
// tokens expire and are replaced while we run.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "exporter/http/http_message.h"

namespace chatscale {

struct HeaderSourceOptions {
  Headers fixed;
  std::string file_header;  // name; empty when no value comes from a file
  std::string value_file;
  // Told once when the file turns unusable (kAuth) and once, with OK, when it is usable again.
  // Called by the thread that asks for headers; never with a value in the message.
  std::function<void(const absl::Status&)> on_change;
};

// Thread-safe.
class HeaderSource {
 public:
  explicit HeaderSource(HeaderSourceOptions options) : options_(std::move(options)) {}

  // The file is read every time: it is small, and a look at its times can miss a change. Blanks
  // around the value are dropped. While the file cannot be used (see ReadSecretFile), as during a
  // replacement, the last good value stays.
  // Errors: kAuth when there never was a good value; kInternal when a name or fixed value cannot be
  // sent.
  absl::StatusOr<Headers> Next();

 private:
  const HeaderSourceOptions options_;
  std::mutex mutex_;
  std::string last_good_;
  bool usable_ = true;  // the file, when last read
};

}  // namespace chatscale
