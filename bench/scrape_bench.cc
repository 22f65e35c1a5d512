// Scrapes of 1,000 series: latency at 500 scrapes a second, and throughput beside nginx serving the
// same bytes as a static file.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "bench/load_client.h"
#include "exporter/sinks/publication.h"
#include "exporter/web/routes.h"

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

void Print(const char* name, const LoadResult& result) {
  std::printf("%-34s %9.0f scrapes/s %8.1f MB/s  p50 %6.3f ms  p99 %6.3f ms  failed %ld\n", name,
              result.requests_per_second, result.megabytes_per_second, result.p50_ms, result.p99_ms,
              result.failures);
}

// nginx with one worker, on loopback, in a folder of its own; 0 when it is not installed.
class Nginx {
 public:
  explicit Nginx(const std::string& content) {
    if (std::system("command -v nginx >/dev/null 2>&1 || test -x /usr/sbin/nginx") != 0) return;
    folder_ = fs::temp_directory_path() / ("chatscale-nginx-" + std::to_string(std::rand()));
    fs::create_directories(folder_);
    fs::permissions(folder_, fs::perms::all);
    std::ofstream(folder_ / "metrics") << content;
    std::ofstream(folder_ / "conf")
        << "worker_processes 1; pid " << (folder_ / "pid").string() << "; error_log "
        << (folder_ / "error").string() << ";\nevents {}\nhttp { access_log off; sendfile on; "
        << "keepalive_requests 1000000; default_type text/plain;\n"
        << "server { listen 127.0.0.1:" << kPort << "; root " << folder_.string() << "; } }\n";
    started_ = std::system(Command("").c_str()) == 0;
  }
  ~Nginx() {
    if (started_ && std::system(Command(" -s quit").c_str()) != 0) std::puts("nginx did not stop");
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  static constexpr int kPort = 18'099;
  bool started() const { return started_; }

 private:
  std::string Command(const std::string& more) const {
    return "PATH=$PATH:/usr/sbin nginx -c " + (folder_ / "conf").string() + more;
  }

  fs::path folder_;
  bool started_ = false;
};

int Main() {
  auto view = std::make_shared<const View>(ThousandSeries());
  const Publication publication{view, std::make_shared<const Exposition>(*view)};
  const std::string& text = *publication.exposition->text();
  long series = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] != '#') ++series;
  }
  std::printf("%ld series, %zu bytes\n", series, text.size());
  HttpServer server({.host = "127.0.0.1", .port = 0});
  AddRoutes([&](absl::Duration) { return publication; },
            [&]() -> std::optional<Publication> { return publication; }, server);
  const auto port = server.Start();
  if (!port.ok()) return 1;
  Print("chatscale, 500/s", Load({.port = *port, .path = "/metrics", .rate = 500}));
  const LoadResult ours = Load({.port = *port, .path = "/metrics"});
  Print("chatscale, as fast as it goes", ours);
  const Nginx nginx(text);
  if (!nginx.started()) {
    std::puts("nginx is not installed: no comparison (apt-get install nginx-light)");
    return 0;
  }
  const LoadResult theirs = Load({.port = Nginx::kPort, .path = "/metrics"});
  Print("nginx, static file", theirs);
  std::printf("throughput ratio %.2f\n", ours.requests_per_second / theirs.requests_per_second);
  return 0;
}

}  // namespace
}  // namespace chatscale

int main() { return chatscale::Main(); }
