#include <gtest/gtest.h>

#include "bench/queue_model.h"
#include "bench/stream_model.h"
#include "recommender/sizing.h"

namespace chatscale {
namespace {

// Exponential service times of 20 s, and room for everybody.
QueueSettings Markovian() {
  QueueSettings settings;
  settings.exec_median = 20;
  settings.exec_sigma = 0;
  settings.tasks_per_replica = 1'000'000;
  return settings;
}

TEST(QueueModel, WaitsAreErlangs) {
  for (const double load : {30.0, 34.0, 37.0}) {
    QueueModel model(7, 5, Markovian());  // 40 slots
    for (int i = 0; i < 400'000; ++i) model.Step(load / 20);
    const QueueFigures& figures = model.figures();
    const double share =
        static_cast<double>(figures.long_waits) / static_cast<double>(figures.tasks);
    const double expected =
        recommender::ShareWaitingLonger(40, load, MeanExecSeconds(Markovian()), kLongWaitSeconds);
    EXPECT_NEAR(share, expected, 0.1 * expected) << load;
  }
}

TEST(QueueModel, TasksInTheSystemAreLittles) {
  const QueueSettings lognormal;
  QueueModel model(7, 50);
  double sum = 0;
  constexpr int kSeconds = 200'000;
  for (int i = 0; i < kSeconds; ++i) {
    model.Step(2);
    sum += model.Work();
  }
  EXPECT_NEAR(sum / kSeconds, 2 * MeanExecSeconds(lognormal), 1.5);
  EXPECT_EQ(model.figures().refused, 0u);
}

TEST(QueueModel, BatchesDisperse) {
  for (const double batch : {1.0, 2.0}) {
    QueueSettings settings = Markovian();
    settings.batch = batch;
    QueueModel model(7, 50, settings);
    double sum = 0, squares = 0;
    constexpr int kMinutes = 4'000;
    for (int i = 0; i < kMinutes; ++i) {
      const auto before = static_cast<double>(model.figures().tasks);
      for (int s = 0; s < 60; ++s) model.Step(2);
      const double count = static_cast<double>(model.figures().tasks) - before;
      sum += count;
      squares += count * count;
    }
    const double mean = sum / kMinutes;
    EXPECT_NEAR(mean, 120, 2) << batch;
    EXPECT_NEAR((squares / kMinutes - mean * mean) / mean, 2 * batch - 1, 0.25) << batch;
  }
}

TEST(QueueModel, AReplicaWorksOnceItHasStartedAndCostsAtOnce) {
  QueueModel model(7, 1);
  model.SetReplicas(2);
  for (int i = 0; i < 90; ++i) model.Step(0);
  EXPECT_EQ(model.ready(), 1);
  model.Step(0);
  EXPECT_EQ(model.ready(), 2);
  EXPECT_EQ(model.figures().replica_seconds, 182);
}

TEST(StreamModel, OpenStreamsAreLittles) {
  StreamModel model(7, 10);
  double sum = 0;
  constexpr int kSeconds = 200'000;
  for (int i = 0; i < kSeconds; ++i) {
    model.Step(2);
    sum += model.streams();
  }
  EXPECT_NEAR(sum / kSeconds, 2 * kStreamSeconds, 10);
  EXPECT_EQ(model.figures().refused, 0u);
}

TEST(StreamModel, AReplicaThatGoesCutsItsStreamsAndTheOthersTakeThem) {
  StreamModel model(7, 3);
  for (int i = 0; i < 100; ++i) model.Step(1);
  const double before = model.streams();
  model.SetReplicas(2);
  EXPECT_EQ(model.streams(), before);
  EXPECT_NEAR(static_cast<double>(model.figures().cut), before / 3, 2);
  EXPECT_EQ(model.figures().refused, 0u);
}

TEST(StreamModel, RefusesWhereAllAreFull) {
  StreamModel model(7, 1);
  for (int i = 0; i < 600; ++i) model.Step(5);
  EXPECT_EQ(model.streams(), kStreamsPerReplica);
  EXPECT_GT(model.figures().refused, 1'000u);
}

}  // namespace
}  // namespace chatscale
