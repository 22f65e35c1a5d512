// Samples in a file, for the textfile collector of the node_exporter: where a scrape of its own is
// not to be had. https://github.com/prometheus/node_exporter#textfile-collector
//
// Prometheus' text format, replaced as a whole. Families about the process are left out: the
// node_exporter has its own by the same names, and refuses the file for them. How old the file is
// tells node_textfile_mtime_seconds; it goes away with this process, but for a crash.
#pragma once

#include <string>

#include "exporter/sinks/sink.h"

namespace chatscale {

class TextfileSink : public Sink {
 public:
  explicit TextfileSink(std::string path) : path_(std::move(path)) {}

  std::string_view name() const override { return "textfile"; }
  absl::Status Deliver(const Publication& publication, absl::Duration timeout) override;
  absl::Status End(absl::Duration timeout) override;

 private:
  const std::string path_;
};

}  // namespace chatscale
