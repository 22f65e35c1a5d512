// Scrapes of 1,000 series: latency at 500 scrapes a second, and throughput beside nginx serving the
// same bytes as a static file, both as wrk sees them.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "absl/time/clock.h"
#include "bench/child.h"
#include "bench/load_client.h"
#include "exporter/metrics/exposition.h"
#include "exporter/web/routes.h"
#include "tests/support/free_port.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;

// Eight targets with about 130 series each.
View ThousandSeries() {
  View view;
  view.mode = "proxy";
  for (int t = 0; t < 8; ++t) {
    TargetView target;
    target.target = {"tenant-" + std::to_string(t), "project"};
    Snapshot snapshot;
    snapshot.queue.total = t;
    for (std::size_t w = 0; w < snapshot.queue.wait.size(); ++w) {
      for (auto* latency : {&snapshot.queue.wait[w], &snapshot.queue.exec[w]}) {
        *latency = Percentiles{.count = 100,
                               .p50_seconds = 1.25,
                               .p95_seconds = 2.5,
                               .p99_seconds = 3.75,
                               .max_seconds = 4.5};
      }
    }
    target.snapshot = snapshot;
    for (int s = 0; s < 31; ++s) {
      SourceHealth health;
      health.source = "source-" + std::to_string(s);
      health.errors[ErrorKind::kTimeout] = 1;
      target.sources.push_back(health);
    }
    view.targets.push_back(target);
  }
  return view;
}

// nginx with one worker, on loopback, in a folder of its own.
class Nginx {
 public:
  explicit Nginx(const std::string& content) : folder_(Prepared(content)) {
    server_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-e", folder_ / "error", "-c",
                                             folder_ / "conf", "-g", "daemon off;"});
    absl::SleepFor(absl::Milliseconds(500));
  }
  ~Nginx() {
    server_.reset();
    fs::remove_all(folder_);
  }
  int port() const { return port_; }

 private:
  fs::path Prepared(const std::string& content) const {
    char pattern[] = "/tmp/chatscale-nginx-XXXXXX";
    const fs::path folder = mkdtemp(pattern);
    fs::permissions(folder, fs::perms::all);
    std::ofstream(folder / "metrics") << content;
    std::ofstream(folder / "conf")
        << "worker_processes 1; master_process off; pid " << (folder / "pid").string()
        << "; error_log " << (folder / "error").string() << ";\nevents {}\nhttp { access_log off; "
        << "sendfile on; keepalive_requests 100000000; default_type text/plain;\n"
        << "server { listen 127.0.0.1:" << port_ << "; root " << folder.string() << "; } }\n";
    return folder;
  }

  const int port_ = FreePort();
  const fs::path folder_;
  std::optional<Child> server_;
};

// Requests a second as wrk counts them; 0 when one failed.
double Wrk(int port, int connections) {
  const std::string output = OutputOf("wrk -t1 -d2s -c" + std::to_string(connections) +
                                      " http://127.0.0.1:" + std::to_string(port) + "/metrics");
  const auto rate = output.find("Requests/sec:");
  if (rate == std::string::npos || output.find("Non-2xx") != std::string::npos ||
      output.find("Socket errors") != std::string::npos) {
    return 0;
  }
  return std::strtod(output.c_str() + rate + std::strlen("Requests/sec:"), nullptr);
}

// Three runs each, in turns; the best counts, as whatever disturbs a run only slows it down.
void Compare(int ours, int theirs, int connections) {
  double our_rate = 0, their_rate = 0;
  for (int run = 0; run < 3; ++run) {
    their_rate = std::max(their_rate, Wrk(theirs, connections));
    our_rate = std::max(our_rate, Wrk(ours, connections));
  }
  std::printf("%3d connections: chatscale %7.0f scrapes/s, nginx %7.0f, ratio %.2f\n", connections,
              our_rate, their_rate, our_rate / their_rate);
  std::fflush(stdout);
}

int Main() {
  auto view = std::make_shared<const View>(ThousandSeries());
  Publication publication;
  publication.view = view;
  publication.exposition =
      std::make_shared<const Exposition>(RenderRows(*view, view->built_at, {}, Rows::kSettled).text,
                                         view, FamilyOptions{}, &SystemClock());
  const std::string& text = *publication.exposition->text();
  long series = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] != '#') ++series;
  }
  std::printf("%ld series, %zu bytes\n", series, text.size());
  HttpServer server({.host = "127.0.0.1", .port = 0});
  AddRoutes([&](absl::Duration) { return publication; }, [] { return std::nullopt; }, server);
  const auto port = server.Start();
  if (!port.ok()) return 1;
  const LoadResult paced = Load({.port = *port, .path = "/metrics", .rate = 500});
  std::printf("at 500 scrapes/s: p50 %.3f ms, p99 %.3f ms, failed %ld\n", paced.p50_ms,
              paced.p99_ms, paced.failures);
  Require("nginx", "nginx-light");
  Require("wrk", "wrk");
  const Nginx nginx(text);
  for (const int connections : {1, 8, 64}) Compare(*port, nginx.port(), connections);
  return 0;
}

}  // namespace
}  // namespace chatscale

int main() { return chatscale::Main(); }
