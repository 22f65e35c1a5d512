#include "bench/trace_model.h"

#include <gtest/gtest.h>

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

TEST(TraceModel, WaitTimesMatchErlangC) {
  for (const double load : {30.0, 34.0, 37.0}) {
    TraceModel model(7, {1, 5}, Markovian());  // 40 slots
    for (int i = 0; i < 400'000; ++i) model.Step(load / 20, 0);
    const TraceFigures figures = model.figures();
    const double share =
        static_cast<double>(figures.long_waits) / static_cast<double>(figures.tasks);
    const double expected =
        recommender::ShareWaitingLonger(40, load, MeanExecSeconds(Markovian()), kLongWaitSeconds);
    EXPECT_NEAR(share, expected, 0.1 * expected) << load;
  }
}

TEST(TraceModel, TaskCountObeysLittlesLaw) {
  const QueueSettings lognormal;
  TraceModel model(7, {1, 50});
  double sum = 0;
  constexpr int kSeconds = 200'000;
  for (int i = 0; i < kSeconds; ++i) {
    model.Step(2, 0);
    sum += model.tasks();
  }
  EXPECT_NEAR(sum / kSeconds, 2 * MeanExecSeconds(lognormal), 1.5);
  EXPECT_EQ(model.figures().refused_tasks, 0u);
}

TEST(TraceModel, BatchArrivalsAreOverdispersed) {
  for (const double batch : {1.0, 2.0}) {
    QueueSettings settings = Markovian();
    settings.batch = batch;
    TraceModel model(7, {1, 50}, settings);
    double sum = 0, squares = 0;
    constexpr int kMinutes = 4'000;
    for (int i = 0; i < kMinutes; ++i) {
      const auto before = static_cast<double>(model.figures().tasks);
      for (int s = 0; s < 60; ++s) model.Step(2, 0);
      const double count = static_cast<double>(model.figures().tasks) - before;
      sum += count;
      squares += count * count;
    }
    const double mean = sum / kMinutes;
    EXPECT_NEAR(mean, 120, 2) << batch;
    EXPECT_NEAR((squares / kMinutes - mean * mean) / mean, 2 * batch - 1, 0.25) << batch;
  }
}

TEST(TraceModel, ReplicaIsReadyAfterStartupButCostsAtOnce) {
  TraceModel model(7, {1, 1});
  model.SetReplicas(Service::kProc, 2);
  for (int i = 0; i < 89; ++i) model.Step(0, 0);
  EXPECT_EQ(model.ready(Service::kProc), 1);
  model.Step(0, 0);
  EXPECT_EQ(model.ready(Service::kProc), 2);
  EXPECT_EQ(model.figures().replica_seconds.proc, 180);
}

TEST(TraceModel, StreamCountObeysLittlesLaw) {
  TraceModel model(7, {10, 1});
  double sum = 0;
  constexpr int kSeconds = 200'000;
  for (int i = 0; i < kSeconds; ++i) {
    model.Step(0, 2);
    sum += model.streams();
  }
  EXPECT_NEAR(sum / kSeconds, 2 * kStreamSeconds, 10);
  EXPECT_EQ(model.figures().refused_streams, 0u);
}

TEST(TraceModel, ScaleInMovesStreamsToRemainingReplicas) {
  TraceModel model(7, {3, 1});
  for (int i = 0; i < 100; ++i) model.Step(0, 1);
  const double before = model.streams();
  model.SetReplicas(Service::kIngress, 2);
  EXPECT_EQ(model.streams(), before);
  EXPECT_NEAR(static_cast<double>(model.figures().cut_streams), before / 3, 2);
  EXPECT_EQ(model.figures().refused_streams, 0u);
}

TEST(TraceModel, RefusesStreamsWhenAllReplicasAreFull) {
  TraceModel model(7, {1, 1});
  for (int i = 0; i < 600; ++i) model.Step(0, 5);
  EXPECT_EQ(model.streams(), kStreamsPerReplica);
  EXPECT_GT(model.figures().refused_streams, 1'000u);
}

}  // namespace
}  // namespace chatscale
