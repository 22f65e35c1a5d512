// Everything we depend on, broken in every way: we stay, a scrape is quick, the fault has its name,
// nobody is recommended to scale in, and all is well again soon after.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/e2e/program.h"
#include "tests/support/busy_workers.h"
#include "tests/support/faulty_proxy.h"
#include "tests/support/fixtures.h"
#include "tests/support/free_port.h"
#include "tests/support/postgres_server.h"
#include "tests/support/pushgateway.h"
#include "tests/support/redis_server.h"
#include "tests/support/stepped_clock.h"
#include "tests/support/stub_behaviours.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

// Scale-in at once wherever the rules allow it: what a fault makes look idle shows.
constexpr char kEagerPolicy[] = R"(
allow_outside_documented_range: true
input: {hold: 1m}
ingress:
  in:
    saturation: {for: 0}
    after_out: 0
    min_change: 0
    step: {replicas: 100, percent: 100, period: 1s}
proc:
  in:
    utilization: {for: 0}
    queue_wait: {for: 0}
    pressure: {for: 0}
    after_out: 0
    min_change: 0
    step: {replicas: 100, percent: 100, period: 1s}
)";

double UnixNow() { return absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()); }

// A recorded document as if it were of now.
StubBehaviour Living(const std::string& file) {
  auto document = nlohmann::json::parse(ReadScenario(file));
  return [document](const StubRequest& request, StubConnection& connection) mutable {
    document["timestamp"] = UnixNow();
    return stub::Answer(document.dump())(request, connection);
  };
}

constexpr WireFault kWireFaults[] = {WireFault::kRefused,  WireFault::kHanging, WireFault::kSlow,
                                     WireFault::kHalf,     WireFault::kWrong,   WireFault::kHuge,
                                     WireFault::kRestarted};

using Kinds = std::map<WireFault, std::string>;

// What a failing source is called; those that are missing need not show.
const Kinds kOverHttp = {{WireFault::kRefused, "connect"}, {WireFault::kHanging, "timeout"},
                         {WireFault::kSlow, "timeout"},    {WireFault::kHalf, "truncated"},
                         {WireFault::kWrong, "protocol"},  {WireFault::kHuge, "too_large"}};
const Kinds kOverRedis = {{WireFault::kRefused, "connect"}, {WireFault::kHanging, "timeout"},
                          {WireFault::kSlow, "timeout"},    {WireFault::kHalf, "connect"},
                          {WireFault::kWrong, "protocol"},  {WireFault::kHuge, "timeout"}};

class FaultMatrix : public testing::Test {
 protected:
  Variables Common(const std::string& mode) const {
    return {{"METRICS_MODE", mode},
            {"METRICS_POLICY_FILE", folder_.Write("policy.yaml", kEagerPolicy)},
            {"METRICS_COLLECT_INTERVAL_SEC", "1"},
            {"METRICS_REQUEST_TIMEOUT_SEC", "0.6"},
            {"METRICS_PROM_SCRAPE_TTL_SEC", "60"},
            {"METRICS_EXPORT_INTERVAL_SEC", "1"},
            {"METRICS_SCHEDULER_ENABLED", "1"},
            // Else it keeps what was freed, to find who still uses it, and insists on standing
            // before what is preloaded.
            {"ASAN_OPTIONS",
             "quarantine_size_mb=1:thread_local_quarantine_size_kb=16:"
             "verify_asan_link_order=0"}};
  }
  Variables Proxied(int ingress_port, int proc_port) const {
    Variables variables = Common("proxy");
    variables.emplace_back("METRICS_INGRESS_BASE_URL",
                           absl::StrCat("http://127.0.0.1:", ingress_port));
    variables.emplace_back("METRICS_PROC_BASE_URL", absl::StrCat("http://127.0.0.1:", proc_port));
    return variables;
  }
  Variables Direct(int redis_port) const {
    Variables variables = Common("redis");
    variables.emplace_back("REDIS_URL", absl::StrCat("redis://127.0.0.1:", redis_port));
    variables.emplace_back("TENANT_ID", "acme");
    variables.emplace_back("PROJECT_ID", "assist");
    return variables;
  }

  static std::string Up(const std::string& source) {
    return "chat_exporter_up{tenant=\"acme\",project=\"assist\",source=\"" + source + "\"} 1\n";
  }
  static std::string SinkUp(const std::string& sink, const char* state) {
    return "chat_exporter_sink_up{sink=\"" + sink + "\"} " + state + "\n";
  }

  void AddFreshState(Variables& variables) const {
    const auto stated = [](const auto& variable) { return variable.first == "METRICS_STATE_FILE"; };
    if (std::ranges::any_of(variables, stated)) return;
    variables.emplace_back("METRICS_STATE_FILE",
                           WriteFreshState(folder_, {"acme", "assist"}, 2, 3));
  }

  void Launch(const Variables& variables, const std::vector<std::string>& through = {}) {
    program_ = StartChatscale(variables, {}, through);
    ASSERT_TRUE(program_.listening()) << program_.process().Err();
  }

  // Waits until all is well.
  void Start(Variables variables, const std::string& healthy,
             const std::vector<std::string>& through = {}) {
    healthy_ = Text(healthy);
    AddFreshState(variables);
    Launch(variables, through);
    ASSERT_THAT(program_.AwaitMetric(healthy), HasSubstr(healthy));
    Observe();
    const bool recommends = std::ranges::any_of(variables, [](const auto& variable) {
      return variable.second.ends_with("fresh-state.json");
    });
    if (!recommends) return;  // the view of the fleet cannot be whole yet
    program_.AwaitMetric("chat_recommender_desired_replicas{");
    Observe();
    ASSERT_GT(desired_["ingress"] + desired_["proc"], 0) << program_.Metrics();
  }

  // One scrape: quick, and no scale-in in it. We are alive, or we would be restarted.
  void Observe() {
    const absl::Time start = absl::Now();
    const std::string text = program_.Metrics();
    scrapes_.push_back(absl::Now() - start);
    ASSERT_THAT(text, HasSubstr("chat_exporter_build_info"));
    ASSERT_EQ(program_.Ask("/-/healthy").status, 200);
    for (const std::string component : {"ingress", "proc"}) {
      const std::string value =
          ValueOf(text, absl::StrCat("chat_recommender_desired_replicas{tenant=\"acme\",project="
                                     "\"assist\",component=\"",
                                     component, "\"}"));
      if (value.empty()) continue;  // no recommendation: whoever reads it keeps what he has
      EXPECT_GE(std::stod(value), desired_[component]) << component;
      desired_[component] = std::stod(value);
    }
    last_ = text;
  }

  using Shown = std::function<bool()>;  // by the last scrape

  bool Sees(const Shown& shown, absl::Duration timeout = absl::Seconds(10)) {
    const absl::Time deadline = absl::Now() + timeout;
    while (absl::Now() < deadline) {
      Observe();
      if (shown()) return true;
      absl::SleepFor(absl::Milliseconds(30));
    }
    return false;
  }
  void Watch(absl::Duration length) {
    Sees([] { return false; }, length);
  }
  Shown Text(const std::string& text) const {
    return [this, text] { return last_.find(text) != last_.npos; };
  }
  double Figure(const std::string& series) const {
    const std::string value = ValueOf(last_, series);
    return value.empty() ? 0 : std::stod(value);
  }

  // `named`: shows that the fault is there; null where nothing need.
  void Round(const std::string& fault, const std::function<void()>& begin, const Shown& named,
             const std::function<void()>& end) {
    SCOPED_TRACE(fault);
    if (HasFailure()) return;
    begin();
    if (named) {
      EXPECT_TRUE(Sees(named)) << program_.process().Err();
    } else {
      Watch(absl::Seconds(1));
    }
    end();
    const absl::Time start = absl::Now();
    EXPECT_TRUE(Sees(healthy_)) << program_.process().Err();
    slowest_recovery_ = std::max(slowest_recovery_, absl::Now() - start);
    ++faults_;
    if (faults_ > 1) return;
    resident_ = Figure("process_resident_memory_bytes");
    files_ = Figure("process_open_fds");
  }

  using Names = std::function<Shown(WireFault)>;

  // Of a source: one more error of that kind.
  Names Errors(const std::string& source, const Kinds& kinds) const {
    return [this, source, kinds](WireFault fault) -> Shown {
      const auto kind = kinds.find(fault);
      if (kind == kinds.end()) return nullptr;
      const std::string series = absl::StrCat(
          "chat_exporter_collect_errors_total{tenant=\"acme\",project=\"assist\",source=\"", source,
          "\",kind=\"", kind->second, "\"}");
      return [this, series, before = Figure(series)] { return Figure(series) > before; };
    };
  }
  Names Down(const std::string& sink) const {
    return [this, sink](WireFault fault) -> Shown {
      if (fault == WireFault::kRestarted) return nullptr;
      return Text(SinkUp(sink, "0"));
    };
  }

  // Every fault, there before the start, and then in a program that is well.
  void Rounds(FaultyProxy& proxy, Variables variables, const std::string& healthy,
              const Names& names) {
    AddFreshState(variables);
    healthy_ = Text(healthy);
    for (const WireFault fault : kWireFaults) {
      SCOPED_TRACE(NameOf(fault));
      if (HasFailure()) return;
      proxy.Set(fault);
      Launch(variables);
      Watch(absl::Milliseconds(700));
      proxy.Set(WireFault::kNone);
      EXPECT_TRUE(Sees(healthy_)) << program_.process().Err();
    }
    Start(variables, healthy);
    for (const WireFault fault : kWireFaults) {
      Round(
          NameOf(fault), [&] { proxy.Set(fault); }, names(fault),
          [&] { proxy.Set(WireFault::kNone); });
    }
  }

  // Of all rounds.
  void Conclude(const std::string& what) {
    if (HasFailure()) return;
    Observe();
    std::ranges::sort(scrapes_);
    const absl::Duration median = scrapes_[scrapes_.size() / 2];
    const absl::Duration p99 = scrapes_[scrapes_.size() * 99 / 100];
    EXPECT_LT(median, absl::Milliseconds(100));
    EXPECT_LT(p99, absl::Seconds(1));  // on busy machines
    const double grown = (Figure("process_resident_memory_bytes") - resident_) / (1 << 20);
#ifndef __SANITIZE_THREAD__  // its shadow counts as well
    EXPECT_LT(grown, 8);
#endif
    EXPECT_LE(Figure("process_open_fds"), files_ + 3);
    program_.process().Signal(SIGTERM);
    EXPECT_EQ(program_.process().Wait(absl::Seconds(20)), 0);
    std::cout << what << ": " << faults_ << " faults survived, " << scrapes_.size()
              << " scrapes with p50 " << median << " and p99 " << p99 << ", recovery within "
              << slowest_recovery_ << ", memory grew by " << grown << " MiB\n";
  }

  const TempFolder folder_;
  Chatscale program_;
  Shown healthy_;
  std::string last_;
  std::map<std::string, double> desired_;
  std::vector<absl::Duration> scrapes_;
  absl::Duration slowest_recovery_;
  double resident_ = 0, files_ = 0;
  int faults_ = 0;
};

// The time of day, set while all else goes on. absl::Now() looks at it every two seconds.
class ClockFaults : public FaultMatrix {
 protected:
  void StartWithClock(Variables variables, const std::string& healthy) {
    for (auto& variable : clock_.Environment()) variables.push_back(std::move(variable));
    Start(std::move(variables), healthy);
    healthy_ = [this, up = healthy_] { return up() && EvaluatedAt(absl::ZeroDuration()); };
  }

  // Both services, in the last seconds of a clock that is so far ahead.
  bool EvaluatedAt(absl::Duration ahead) const {
    const double now = UnixNow() + absl::ToDoubleSeconds(ahead);
    return std::ranges::all_of(std::vector<std::string>{"ingress", "proc"}, [&](const auto& name) {
      const double at = Figure(absl::StrCat(
          "chat_recommender_last_evaluation_timestamp_seconds{tenant=\"acme\",project=\"assist\","
          "component=\"",
          name, "\"}"));
      return std::abs(at - now) < 5;
    });
  }

  // The last is to 1992: a clock without a battery.
  void Steps(const std::function<void()>& meanwhile = [] {}) {
    const std::vector<absl::Duration> steps = {
        absl::Seconds(90),    -absl::Seconds(90),    absl::Hours(1),       -absl::Hours(1),
        absl::Hours(24 * 30), -absl::Hours(24 * 30), -absl::Hours(300'000)};
    for (const absl::Duration ahead : steps) {
      Round(
          "clock set by " + absl::FormatDuration(ahead), [&] { clock_.Set(ahead); },
          [&] { return EvaluatedAt(ahead); },
          [&] {
            Watch(absl::Seconds(2));  // some beats
            meanwhile();
            clock_.Set(absl::ZeroDuration());
          });
    }
  }

  SteppedClock clock_;
};

TEST_F(ClockFaults, Proxy) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const class Pushgateway gateway;
  Variables variables = Proxied(ingress.port(), proc.port());
  variables.insert(variables.end(),
                   {{"METRICS_WEB_BEARER_TOKEN_FILE", folder_.Write("token", "t0ken")},
                    {"METRICS_EXPORT_PROMETHEUS_PUSH", "1"},
                    {"METRICS_PROM_PUSHGATEWAY_URL", gateway.url()}});
  StartWithClock(std::move(variables), Up("ingress"));
  Steps([&] {
    EXPECT_EQ(program_.Ask("/-/ready").status, 200);
    const HttpReply exported = program_.Ask("/metrics/export", "POST");
    EXPECT_EQ(exported.status, 200) << exported.body;
  });
  Conclude("the clock, over HTTP");
}

TEST_F(ClockFaults, Redis) {
  RedisServer redis;
  const BusyWorkers workers(redis);
  StartWithClock(Direct(redis.port()), Up("redis"));
  Steps();
  Conclude("the clock, from Redis");
}

constexpr char kHugeHttp[] = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";

TEST_F(FaultMatrix, UpstreamIngress) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  FaultyProxy proxy(ingress.port(), kHugeHttp);
  Rounds(proxy, Proxied(proxy.port(), proc.port()), Up("ingress"), Errors("ingress", kOverHttp));
  Conclude("upstream ingress");
}

TEST_F(FaultMatrix, UpstreamProc) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  FaultyProxy proxy(proc.port(), kHugeHttp);
  Rounds(proxy, Proxied(ingress.port(), proxy.port()), Up("proc"), Errors("proc", kOverHttp));
  Conclude("upstream proc");
}

TEST_F(FaultMatrix, Redis) {
  RedisServer redis;
  const BusyWorkers workers(redis);
  FaultyProxy proxy(redis.port(), "*2\r\n$107374182400\r\n");
  Rounds(proxy, Direct(proxy.port()), Up("redis"), Errors("redis", kOverRedis));
  Conclude("Redis");
}

// Each fault from the start on: what is known of the database is kept for minutes.
TEST_F(FaultMatrix, Postgres) {
  RedisServer redis;
  const BusyWorkers workers(redis);
  const PostgresServer postgres(42);
  FaultyProxy proxy(postgres.port(), std::string("R\x7f\xff\xff\xff", 5));
  Variables variables = Direct(redis.port());
  variables.insert(variables.end(), {{"METRICS_ENABLE_PG_POOL", "1"},
                                     {"POSTGRES_HOST", "127.0.0.1"},
                                     {"POSTGRES_PORT", absl::StrCat(proxy.port())},
                                     {"POSTGRES_USER", PostgresServer::user()},
                                     {"POSTGRES_PASSWORD", PostgresServer::password()}});
  for (const WireFault fault : kWireFaults) {
    proxy.Set(fault);
    Start(variables, Up("redis"));
    healthy_ = Text("chat_db_connections_limit{tenant=\"acme\",project=\"assist\"} 42\n");
    const Shown told = [&] {
      EXPECT_FALSE(healthy_());
      return program_.process().Err().find("PostgreSQL does not respond") != std::string::npos;
    };
    Round(
        NameOf(fault), [] {}, fault == WireFault::kRestarted ? nullptr : told,
        [&] { proxy.Set(WireFault::kNone); });
  }
  Conclude("PostgreSQL");
}

TEST_F(FaultMatrix, Pushgateway) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const class Pushgateway gateway;
  FaultyProxy proxy(gateway.port(), kHugeHttp);
  Variables variables = Proxied(ingress.port(), proc.port());
  variables.emplace_back("METRICS_EXPORT_PROMETHEUS_PUSH", "1");
  variables.emplace_back("METRICS_PROM_PUSHGATEWAY_URL",
                         absl::StrCat("http://127.0.0.1:", proxy.port()));
  Rounds(proxy, std::move(variables), SinkUp("pushgateway", "1"), Down("pushgateway"));
  Conclude("Pushgateway");
}

TEST_F(FaultMatrix, CloudWatch) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  StubServer cloudwatch(stub::Status(200));
  FaultyProxy proxy(cloudwatch.port(), kHugeHttp);
  Variables variables = Proxied(ingress.port(), proc.port());
  variables.insert(variables.end(),
                   {{"METRICS_EXPORT_CLOUDWATCH", "1"},
                    {"AWS_REGION", "eu-west-1"},
                    {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                    {"AWS_SECRET_ACCESS_KEY", "s3cret"},
                    {"AWS_ENDPOINT_URL", absl::StrCat("http://127.0.0.1:", proxy.port())}});
  Rounds(proxy, std::move(variables), SinkUp("cloudwatch", "1"), Down("cloudwatch"));
  Conclude("CloudWatch");
}

// A file system of its own for the state, that can be full or read only. Only this program and who
// enters its name space see it.
TEST_F(FaultMatrix, StateDiskFullReadOnlyOrEmptied) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const std::string disk = folder_.Path("disk"), state = disk + "/fresh-state.json";
  const std::string fresh = WriteFreshState(folder_, {"acme", "assist"}, 2, 3);
  Variables variables = Proxied(ingress.port(), proc.port());
  variables.insert(variables.end(), {{"METRICS_STATE_FILE", state},
                                     {"METRICS_DECISIONS_FILE", disk + "/decisions.jsonl"},
                                     {"METRICS_TEXTFILE_PATH", disk + "/chatscale.prom"}});
  const std::vector<std::string> own_disk = {"unshare",
                                             "--map-root-user",
                                             "--mount",
                                             "/bin/sh",
                                             "-ec",
                                             "mkdir -p " + disk +
                                                 "; mount -t tmpfs -o size=2m tmpfs " + disk +
                                                 "; cp " + fresh + " " + state + "; exec \"$@\"",
                                             "sh"};
  std::vector<std::string> attempt = own_disk;
  attempt.emplace_back("true");
  if (const Ran ran = RunProgram(attempt); ran.code != 0) {
    GTEST_SKIP() << "this kernel lets us mount nothing: " << ran.err;
  }
  Start(std::move(variables), SinkUp("textfile", "1"), own_disk);
  const auto enter = [&](const std::string& command) {
    const Ran ran =
        RunProgram({"nsenter", "--user", "--preserve-credentials", "--mount", "--target",
                    absl::StrCat(program_.process().pid()), "/bin/sh", "-ec", command});
    EXPECT_EQ(ran.code, 0) << command << ": " << ran.err;
  };
  const Shown down = Text(SinkUp("textfile", "0"));
  Round(
      "full", [&] { enter("head -c 4M /dev/zero >" + disk + "/filler || true"); }, down,
      [&] { enter("rm " + disk + "/filler"); });
  Round(
      "read only", [&] { enter("mount -o remount,ro " + disk); }, down,
      [&] { enter("mount -o remount,rw " + disk); });
  Round(
      "gone", [&] { enter("rm -r " + disk + "/*"); }, nullptr, [] {});
  // The state is saved once a minute, and in the end.
  enter("mount -o remount,ro " + disk);
  Conclude("disk");
  EXPECT_THAT(program_.process().Err(), HasSubstr("state not saved"));
}

// fsync does not return: a dead NFS mount, a throttled volume.
TEST_F(FaultMatrix, HungDisk) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const std::string hangs = folder_.Path("hangs");
  Variables variables = Proxied(ingress.port(), proc.port());
  variables.insert(variables.end(), {{"LD_PRELOAD", CHATSCALE_DISK_PRELOAD},
                                     {"CHATSCALE_DISK_HANGS", hangs},
                                     {"METRICS_TEXTFILE_PATH", folder_.Path("chatscale.prom")}});
  AddFreshState(variables);
  folder_.Write("hangs", "");
  Launch(variables);
  EXPECT_TRUE(Sees(Text(Up("ingress")))) << "hangs from the start on";
  EXPECT_TRUE(Sees(Text("chat_recommender_desired_replicas{")));
  program_.process().Signal(SIGTERM);
  EXPECT_EQ(program_.process().Wait(absl::Seconds(20)), 0);
  EXPECT_THAT(program_.process().Err(), HasSubstr("the disk hangs"));
  std::filesystem::remove(hangs);
  Start(variables, SinkUp("textfile", "1"));
  Round(
      "hangs", [&] { folder_.Write("hangs", ""); },
      [&] {
        const double written =
            Figure("chat_exporter_sink_last_success_timestamp_seconds{sink=\"textfile\"}");
        return UnixNow() - written > 4;
      },
      [&] {
        EXPECT_TRUE(Text(Up("ingress"))());
        std::filesystem::remove(hangs);
      });
  Conclude("a disk that hangs");
}

// Its reader stopped: whoever logs must not. Full before the start, and at the end.
TEST_F(FaultMatrix, FullLogPipe) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const std::string path = folder_.Path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const int pipe = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  const auto fill = [&] {
    const std::string much(4096, '\n');
    while (::write(pipe, much.data(), much.size()) > 0) continue;
  };
  fill();
  const int port = FreePort();
  ChildProcess program({"/bin/sh", "-c", "exec \"$@\" 2>\"$0\"", path, CHATSCALE_BINARY, "serve",
                        "--web.listen-address", absl::StrCat("127.0.0.1:", port)},
                       Proxied(ingress.port(), proc.port()));
  const auto await = [](const std::function<bool()>& shown) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (!shown() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(50));
    return shown();
  };
  EXPECT_TRUE(await([&] { return Fetch(port, "/-/healthy").status == 200; }));
  std::string metrics;
  EXPECT_TRUE(await([&] {
    metrics = Fetch(port, "/metrics").body;
    return metrics.find(Up("ingress")) != metrics.npos;
  }));
  EXPECT_EQ(ValueOf(metrics, "chat_exporter_log_lines_dropped_total"), "0") << "they wait";
  std::string log, some(65536, '\0');
  EXPECT_TRUE(await([&] {
    const ssize_t got = ::read(pipe, some.data(), some.size());
    if (got > 0) log.append(some, 0, static_cast<std::size_t>(got));
    return log.find("source up") != log.npos;
  })) << log;
  fill();
  program.Signal(SIGTERM);
  EXPECT_EQ(program.Wait(absl::Seconds(20)), 0);
  ::close(pipe);
}

// What is there at the start in the place of the files that we keep.
TEST_F(FaultMatrix, UnusableFilesAtStartup) {
  StubServer ingress(Living("steady/ingress_system.json")), proc(Living("steady/system.json"));
  const std::map<std::string, std::string> in_the_way = {
      {"half", R"(printf '{"version": 1, "targets": [{"ten' >$1)"},
      {"wrong", "head -c 5000 /dev/urandom >$1"},
      {"huge", "truncate -s 3G $1"},
      {"a pipe", "mkfifo $1"},
      {"a folder", "mkdir $1"},
      {"a link without end", "ln -s $1 $1"},
      {"no folder", "rmdir ${1%/*}"}};
  for (const auto& [fault, command] : in_the_way) {
    const TempFolder folder;
    Variables variables = Proxied(ingress.port(), proc.port());
    for (const auto& [name, file] : {std::pair{"METRICS_STATE_FILE", "state/s.json"},
                                     {"METRICS_DECISIONS_FILE", "decisions/d.jsonl"},
                                     {"METRICS_TEXTFILE_PATH", "text/t.prom"}}) {
      const std::string path = folder.Path(file);
      ASSERT_EQ(RunProgram({"/bin/sh", "-ec", "mkdir ${1%/*}; " + command, "sh", path}).code, 0);
      variables.emplace_back(name, path);
    }
    Start(std::move(variables), Up("ingress"));
    Round(
        fault, [] {}, nullptr, [] {});
    program_.process().Signal(SIGTERM);
    EXPECT_EQ(program_.process().Wait(absl::Seconds(20)), 0) << fault;
  }
  Start(Proxied(ingress.port(), proc.port()), Up("ingress"));
  Conclude("files in the way");
}

}  // namespace
}  // namespace chatscale
