// Redis down, slow, emptied, locked or replaced: an error of the right kind, and a full recovery in
// the first cycle after it is back.
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "tests/exporter/redis/redis_scenario.h"

namespace chatscale {
namespace {

class RedisFailureTest : public testing::Test {
 protected:
  RedisFailureTest() { server_.Load(scenario_.resp); }

  absl::StatusOr<Snapshot> Take(RedisSource& source, absl::Duration timeout = absl::Seconds(5)) {
    now_ += absl::Seconds(1);
    return source.Collect(now_, timeout).at(0).parts.at(0).snapshot;
  }
  // As often as the collection loop would try, until the backoff has passed.
  absl::StatusOr<Snapshot> TakeUntilOk(RedisSource& source) {
    for (int i = 0; i < 60; ++i) {
      auto snapshot = Take(source);
      if (snapshot.ok()) return snapshot;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return absl::UnavailableError("never came back");
  }

  RedisScenario scenario_{"steady"};
  absl::Time now_ = scenario_.now;
  RedisServer server_;
};

TEST_F(RedisFailureTest, RecoversFromRestartWithEmptyData) {
  auto source = NewSource(scenario_, server_);
  ASSERT_TRUE(Take(*source).ok());
  server_.Stop();
  EXPECT_EQ(KindOf(Take(*source).status()), ErrorKind::kConnect);
  EXPECT_EQ(KindOf(Take(*source).status()), ErrorKind::kConnect);
  server_.Start();
  const auto empty = TakeUntilOk(*source);
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->queue.total, 0);
  EXPECT_EQ(empty->fleet.proc.processes, 0);
  EXPECT_EQ(empty->sse.connections, 260);  // an ingress process is silent, not yet gone
  EXPECT_EQ(empty->queue.wait[2].count, 0);
  server_.Load(scenario_.resp);
  const auto full = Take(*source);
  EXPECT_EQ(full->queue.total, 17);
  EXPECT_EQ(full->fleet.proc.processes, 3);
}

TEST_F(RedisFailureTest, HungServerTimesOutAndRecovers) {
  auto source = NewSource(scenario_, server_);
  ASSERT_TRUE(Take(*source).ok());
  server_.Pause();
  const absl::Time start = absl::Now();
  EXPECT_EQ(KindOf(Take(*source, absl::Milliseconds(300)).status()), ErrorKind::kTimeout);
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  server_.Resume();
  const auto after = TakeUntilOk(*source);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->queue.total, 17);
}

TEST_F(RedisFailureTest, LateReplyIsNotMatchedToAnotherCommand) {
  auto source = NewSource(scenario_, server_);
  ASSERT_TRUE(Take(*source).ok());
  std::thread sleeper([this] { server_.Run({"DEBUG", "SLEEP", "0.5"}); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(KindOf(Take(*source, absl::Milliseconds(100)).status()), ErrorKind::kTimeout);
  sleeper.join();
  const auto after = TakeUntilOk(*source);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->queue.total, 17);
  EXPECT_EQ(after->malformed.Total(), 0);
}

TEST_F(RedisFailureTest, ReconnectReloadsPasswordFile) {
  const std::string path = testing::TempDir() + "/redis_password";
  std::ofstream(path) << "first\n";
  server_.Run({"CONFIG", "SET", "requirepass", "first"});
  RedisSourceOptions options = scenario_.options;
  options.url = server_.TcpUrl();
  options.connection.password_file = path;
  auto source = *RedisSource::Create(std::move(options));
  ASSERT_TRUE(Take(*source).ok());
  // What an operator does: a new password, and no old connection may live on. The last command
  // closes the connection it came by, too.
  const std::string port = std::to_string(server_.port());
  ASSERT_EQ(std::system(("redis-cli -p " + port +
                         " -a first --no-auth-warning CONFIG SET requirepass second >/dev/null && "
                         "redis-cli -p " +
                         port + " -a second --no-auth-warning CLIENT KILL TYPE normal >/dev/null")
                            .c_str()),
            0);
  EXPECT_EQ(KindOf(Take(*source).status()), ErrorKind::kAuth);
  std::ofstream(path) << "second\n";
  const auto after = TakeUntilOk(*source);
  EXPECT_TRUE(after.ok()) << after.status();
}

TEST_F(RedisFailureTest, ReplacedInstanceIsReadFromScratch) {
  auto source = NewSource(scenario_, server_);
  ASSERT_GE(*Take(*source)->queue.wait[2].count, 1400);
  const RedisScenario other("queue_pressure");
  server_.Stop();
  server_.Start();
  server_.Load(other.resp);
  now_ = other.now;
  auto fresh = NewSource(other, server_);
  const auto expected =
      fresh->Collect(now_ + absl::Seconds(120), absl::Seconds(5))[0].parts[0].snapshot;
  now_ += absl::Seconds(80);
  ASSERT_TRUE(Take(*source).ok());  // the first cycle after it is back
  now_ = other.now + absl::Seconds(119);
  const auto taken = Take(*source);
  EXPECT_EQ(taken->queue.wait[1].count, expected->queue.wait[1].count);
  EXPECT_EQ(taken->queue.wait[1].p95_seconds, expected->queue.wait[1].p95_seconds);
  EXPECT_EQ(taken->queue.total, 80);
}

// A -> B -> A within a minute: what B had does not stay.
TEST_F(RedisFailureTest, FailoverAndFailbackKeepSamplesSeparate) {
  const RedisScenario other("queue_pressure");
  auto source = NewSource(scenario_, server_);
  const auto own = Take(*source);
  ASSERT_TRUE(own.ok());
  for (const bool back : {false, true}) {
    server_.Stop();
    server_.Start();
    server_.Load(back ? scenario_.resp : other.resp);
    now_ += absl::Seconds(10);
    const auto taken = TakeUntilOk(*source);
    ASSERT_TRUE(taken.ok()) << taken.status();
    const auto again = Take(*source);
    const auto expected =
        NewSource(scenario_, server_)->Collect(now_, absl::Seconds(5))[0].parts[0].snapshot;
    EXPECT_EQ(again->queue.wait[1].count, expected->queue.wait[1].count) << back;
    EXPECT_EQ(again->rest[2].count, expected->rest[2].count) << back;
  }
}

TEST_F(RedisFailureTest, ReplicaWithoutMasterIsReadOnlyError) {
  server_.Run({"CONFIG", "SET", "replica-serve-stale-data", "no"});
  auto source = NewSource(scenario_, server_);
  server_.Run({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(KindOf(Take(*source).status()), ErrorKind::kReadOnly);  // MASTERDOWN
  server_.Run({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(TakeUntilOk(*source).ok());
}

TEST_F(RedisFailureTest, UnreachableServerIsConnectError) {
  RedisSourceOptions options = scenario_.options;
  options.url = "redis://127.0.0.1:1";
  options.discover = true;
  auto source = *RedisSource::Create(std::move(options));
  const auto samples = source->Collect(now_, absl::Seconds(1));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(KindOf(samples[0].parts[0].snapshot.status()), ErrorKind::kConnect);
}

}  // namespace
}  // namespace chatscale
