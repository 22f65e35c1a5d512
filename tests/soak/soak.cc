// chatscale under changing load, random faults and strangers, for as many minutes as asked. Prints
// what was done, and memory and files at the start and in the end; fails when they grew, a scrape
// failed, or the program ended.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/busy_workers.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/pushgateway.h"
#include "tests/support/redis_server.h"
#include "tests/support/stepped_clock.h"
#include "tests/support/stub_behaviours.h"
#include "tests/support/test_certificates.h"

namespace chatscale {
namespace {

constexpr char kHugeHttp[] = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";

struct Counts {
  std::atomic<long> scrapes = 0, pages = 0, strangers = 0, faults = 0, reloads = 0, failed = 0;
};

class Soak {
 public:
  explicit Soak(absl::Duration length) : until_(absl::Now() + length) {
    WriteWebConfig(certificates_.server);
    folder_.Write("token", "t0ken");
    Variables variables = {{"METRICS_MODE", "redis"},
                           {"REDIS_URL", absl::StrCat("redis://127.0.0.1:", wires_[0].port())},
                           {"TENANT_ID", "acme"},
                           {"PROJECT_ID", "assist"},
                           {"METRICS_COLLECT_INTERVAL_SEC", "1"},
                           {"METRICS_REQUEST_TIMEOUT_SEC", "0.7"},
                           {"METRICS_STATE_FILE", folder_.Path("state.json")},
                           {"METRICS_DECISIONS_FILE", folder_.Path("decisions.jsonl")},
                           {"METRICS_TEXTFILE_PATH", folder_.Path("chatscale.prom")},
                           {"METRICS_WEB_CONFIG_FILE", folder_.Path("web.yml")},
                           {"METRICS_WEB_BEARER_TOKEN_FILE", folder_.Path("token")},
                           {"METRICS_SCHEDULER_ENABLED", "1"},
                           {"METRICS_EXPORT_INTERVAL_SEC", "2"},
                           {"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
                           {"METRICS_PROM_PUSHGATEWAY_URL", Url(wires_[1])},
                           {"METRICS_EXPORT_CLOUDWATCH", "1"},
                           {"AWS_REGION", "eu-west-1"},
                           {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                           {"AWS_SECRET_ACCESS_KEY", "s3cret"},
                           {"AWS_ENDPOINT_URL", Url(wires_[2])}};
    for (auto& variable : clock_.Environment()) variables.push_back(std::move(variable));
    program_ = StartChatscale(std::move(variables));
  }

  bool Run() {
    if (!program_.listening()) {
      std::cerr << program_.process().Err();
      return false;
    }
    absl::SleepFor(absl::Seconds(20));  // caches are warm
    std::vector<std::thread> threads;
    for (const auto task :
         {&Soak::Scrape, &Soak::View, &Soak::Trouble, &Soak::Strain, &Soak::Vary, &Soak::Replace}) {
      threads.emplace_back([this, task] {
        while (absl::Now() < until_) (this->*task)();
      });
    }
    absl::SleepFor(absl::Seconds(20));
    const Figures before = Now();
    for (std::thread& thread : threads) thread.join();
    for (FaultyProxy& wire : wires_) wire.Set(WireFault::kNone);
    absl::SleepFor(absl::Seconds(5));
    return Tell(before, Now());
  }

 private:
  struct Figures {
    double megabytes = 0, files = 0;
  };

  static std::string Url(const FaultyProxy& wire) {
    return absl::StrCat("http://127.0.0.1:", wire.port());
  }
  void WriteWebConfig(const CertificatePair& pair) {
    folder_.Write("web.yml", absl::StrCat("tls_server_config: {cert_file: ", pair.cert,
                                          ", key_file: ", pair.key, "}\n"));
  }
  HttpReply Ask(const std::string& target) const {
    return Fetch(program_.port(), target, "Authorization: Bearer t0ken\r\n", "GET",
                 {certificates_.authority.cert});
  }
  Figures Now() const {
    const std::string text = Ask("/metrics").body;
    const auto figure = [&](const char* name) {
      const std::string value = ValueOf(text, name);
      return value.empty() ? -1 : std::stod(value);
    };
    return {figure("process_resident_memory_bytes") / (1 << 20), figure("process_open_fds")};
  }

  int Random(int below) const {
    thread_local std::mt19937 random(std::random_device{}());
    return std::uniform_int_distribution<int>(0, below - 1)(random);
  }

  void Scrape() {
    const HttpReply reply = Ask("/metrics");
    ++counts_.scrapes;
    if (reply.status != 200 || reply.took > absl::Seconds(2)) ++counts_.failed;
    absl::SleepFor(absl::Milliseconds(50));
  }

  void View() {
    static constexpr std::array kPages = {"/",
                                          "/api/v1/page",
                                          "/api/v1/history",
                                          "/api/v1/recommendations",
                                          "/metrics/combined",
                                          "/api/v1/decisions",
                                          "/rules/alerts"};
    Ask(kPages[static_cast<std::size_t>(Random(kPages.size()))]);
    ++counts_.pages;
    absl::SleepFor(absl::Milliseconds(200));
  }

  // One wire at a time is spoilt for a while, or the clock is set.
  void Trouble() {
    ++counts_.faults;
    if (Random(4) == 0) {
      clock_.Set(absl::Seconds(Random(20'000) - 10'000));
      absl::SleepFor(absl::Seconds(1 + Random(5)));
      clock_.Set(absl::ZeroDuration());
      return;
    }
    FaultyProxy& wire = wires_[static_cast<std::size_t>(Random(3))];
    wire.Set(static_cast<WireFault>(1 + Random(7)));
    absl::SleepFor(absl::Seconds(1 + Random(5)));
    wire.Set(WireFault::kNone);
    absl::SleepFor(absl::Seconds(1 + Random(5)));
  }

  // What strangers do.
  void Strain() {
    TcpClient raw(program_.port());
    switch (Random(4)) {
      case 0:
        raw.Send("GET / HTTP/1.1\r\n\r\n");  // no TLS
        raw.ReadAll(absl::Seconds(1));
        break;
      case 1:
        raw.Send(std::string("\x16\x03\x01\x02\x00\x01", 6));  // half a handshake
        break;
      case 2:
        Fetch(program_.port(), "/metrics", "Authorization: Bearer wrong\r\n", "GET",
              {certificates_.authority.cert});
        break;
      default:
        raw.Reset();
    }
    ++counts_.strangers;
    absl::SleepFor(absl::Milliseconds(20));
  }

  void Vary() {
    const double phase = absl::ToDoubleSeconds(until_ - absl::Now()) / 60;
    const double load = 0.5 + 0.5 * std::sin(phase);
    workers_.SetLoad(static_cast<int>(5 * load), static_cast<int>(95 * load),
                     Random(4) == 0 ? Random(100) : 0);
    absl::SleepFor(absl::Seconds(3));
  }

  void Replace() {
    absl::SleepFor(absl::Seconds(5));
    if (Random(2) == 0) {
      program_.process().Signal(SIGHUP);
    } else {
      folder_.Write("web.yml", ReadFile(folder_.Path("web.yml")) + "# changed\n");
      if (Random(20) == 0) WriteWebConfig(certificates_.server);
    }
    ++counts_.reloads;
  }

  bool Tell(const Figures& before, const Figures& after) {
    std::cout << "scrapes " << counts_.scrapes << " (" << counts_.failed
              << " failed or slow), pages " << counts_.pages << ", strangers " << counts_.strangers
              << ", faults " << counts_.faults << ", reloads " << counts_.reloads << "\nresident "
              << before.megabytes << " -> " << after.megabytes << " MiB, open files "
              << before.files << " -> " << after.files << "\n";
    program_.process().Signal(SIGTERM);
    const bool ended_well = program_.process().Wait(absl::Seconds(20)) == 0;
    const bool flat = after.megabytes < before.megabytes + 16 && after.files <= before.files + 10;
    std::cout << (ended_well && flat && counts_.failed == 0 ? "flat\n" : "NOT FLAT\n");
    return ended_well && flat && counts_.failed == 0;
  }

  const absl::Time until_;
  const TempFolder folder_;
  const TestCertificates certificates_;
  RedisServer redis_;
  BusyWorkers workers_{redis_};
  Pushgateway gateway_;
  StubServer cloudwatch_{stub::Status(200)};
  std::array<FaultyProxy, 3> wires_ = {FaultyProxy{redis_.port(), "*2\r\n$107374182400\r\n"},
                                       FaultyProxy{gateway_.port(), kHugeHttp},
                                       FaultyProxy{cloudwatch_.port(), kHugeHttp}};
  SteppedClock clock_;
  Counts counts_;
  Chatscale program_;
};

}  // namespace
}  // namespace chatscale

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const double minutes = argc > 1 ? std::atof(argv[1]) : 5;
  chatscale::Soak soak(absl::Minutes(minutes));
  return soak.Run() ? 0 : 1;
}
