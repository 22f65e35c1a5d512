#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "exporter/web/routes.h"
#include "tests/support/gate.h"
#include "tests/support/tcp_client.h"

namespace chatscale {
namespace {

using testing::HasSubstr;

struct Served {
  HttpServer server{{.host = "127.0.0.1", .port = 0}};
  int port = 0;
  std::atomic<bool> known = true;

  explicit Served(ExportNow export_now) {
    AddExportRoute(
        std::move(export_now), [this] { return known.load(); }, server);
    port = server.Start().value_or(0);
  }
};

TEST(ExportRoute, ReportsTheOutcomeOfEachSink) {
  const SinkOutcome good{"good", absl::OkStatus(), absl::Milliseconds(250)};
  const SinkOutcome bad{"bad", absl::UnavailableError("refused by \"them\"")};
  Served all([&] { return std::vector<SinkOutcome>{good}; });
  const HttpReply fine = Fetch(all.port, "/metrics/export", "", "POST");
  EXPECT_EQ(fine.status, 200);
  EXPECT_THAT(fine.body, HasSubstr(R"("sinks":{"good":{"duration_seconds":0.25,"status":"ok"}})"));
  EXPECT_THAT(fine.body, HasSubstr(R"("status":"ok","timestamp":)"));

  Served some([&] { return std::vector<SinkOutcome>{good, bad}; });
  const HttpReply half = Fetch(some.port, "/metrics/export");
  EXPECT_EQ(half.status, 502);
  EXPECT_THAT(half.body, HasSubstr(R"("error":"refused by \"them\"","status":"failed")"));
  EXPECT_THAT(half.body, HasSubstr(R"("good":{"duration_seconds":0.25,"status":"ok"})"));
  EXPECT_THAT(half.body, HasSubstr(R"("status":"failed","timestamp":)"));
}

TEST(ExportRoute, NeedsAuthentication) {
  int exports = 0;
  Served served([&] {
    ++exports;
    return std::vector<SinkOutcome>();
  });
  served.known = false;
  for (const char* method : {"GET", "POST"}) {
    const HttpReply refused = Fetch(served.port, "/metrics/export", "", method);
    EXPECT_EQ(refused.status, 403) << method;
    EXPECT_THAT(refused.body, HasSubstr("needs authentication"));
  }
  EXPECT_EQ(exports, 0);
}

// The browser of somebody who is known would send his password along.
TEST(ExportRoute, RejectsCrossSiteRequests) {
  std::atomic<int> exports = 0;
  Served served([&] {
    ++exports;
    return std::vector<SinkOutcome>();
  });
  const std::string ours = "test";  // as Fetch calls its host
  for (const char* method : {"GET", "POST"}) {
    for (const std::string& foreign :
         {std::string("Sec-Fetch-Site: cross-site"), std::string("Sec-Fetch-Site: same-site"),
          std::string("Origin: https://evil.example"), std::string("Origin: null"),
          "Origin: http://" + ours + ".evil.example"}) {
      EXPECT_EQ(Fetch(served.port, "/metrics/export", foreign + "\r\n", method).status, 403)
          << foreign;
    }
  }
  EXPECT_EQ(exports, 0);
  for (const std::string& own : {std::string("Sec-Fetch-Site: same-origin"),
                                 std::string("Sec-Fetch-Site: none"), "Origin: http://" + ours}) {
    EXPECT_NE(Fetch(served.port, "/metrics/export", own + "\r\n", "POST").status, 403) << own;
  }
  EXPECT_GE(exports, 1);
}

TEST(ExportRoute, Returns404WithoutSinks) {
  Served served([] { return std::vector<SinkOutcome>(); });
  EXPECT_EQ(Fetch(served.port, "/metrics/export").status, 404);
}

TEST(ExportRoute, IsRateLimitedToOnePerSecond) {
  Gate entered, open;
  std::atomic<int> exports = 0;
  Served served([&] {
    ++exports;
    entered.Open();
    open.Wait(absl::Seconds(30));
    return std::vector<SinkOutcome>{{"slow", absl::OkStatus()}};
  });
  HttpReply first;
  std::thread client([&] { first = Fetch(served.port, "/metrics/export"); });
  ASSERT_TRUE(entered.Wait(absl::Seconds(30)));
  const HttpReply second = Fetch(served.port, "/metrics/export", "", "POST");
  EXPECT_EQ(second.status, 429);
  EXPECT_THAT(second.head, HasSubstr("Retry-After: 1"));
  open.Open();
  client.join();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(Fetch(served.port, "/metrics/export").status, 429) << "within a second";
  absl::SleepFor(absl::Milliseconds(1050));
  EXPECT_EQ(Fetch(served.port, "/metrics/export").status, 200);
  EXPECT_EQ(exports, 2);
}

TEST(ExportRoute, HeadExportsNothing) {
  std::atomic<bool> exported = false;
  Served served([&] {
    exported = true;
    return std::vector<SinkOutcome>{{"sink", absl::OkStatus()}};
  });
  EXPECT_EQ(Fetch(served.port, "/metrics/export", "", "HEAD").status, 405);
  EXPECT_FALSE(exported);
}

}  // namespace
}  // namespace chatscale
