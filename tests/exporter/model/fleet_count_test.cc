#include "exporter/model/fleet_count.h"

#include <gtest/gtest.h>

namespace chatscale {
namespace {

// Instances with so many working processes of 10 slots each.
ServiceFleet Fleet(MaybeNumber configured, const std::vector<double>& working) {
  ServiceFleet fleet;
  fleet.present = true;
  fleet.processes_per_instance = configured;
  fleet.concurrency_per_process = 10;
  for (const double processes : working) {
    fleet.instance_list.push_back({.id = std::to_string(fleet.instance_list.size()),
                                   .working = processes,
                                   .slots = 10 * processes,
                                   .running = 0,
                                   .draining_load = 0});
  }
  return fleet;
}

TEST(CountFleet, CountsReplicasSharingAnIdByTheirProcesses) {
  struct Row {
    MaybeNumber configured;
    std::vector<double> working;
    double replicas;
    bool shared;
  };
  const Row rows[] = {
      {1, {1, 1, 1}, 3, false},   {1, {5}, 5, true},  // five replicas with one INSTANCE_ID
      {2, {5}, 3, true},          {4, {4, 4}, 2, false},
      {1, {4, 4, 4}, 3, false},  // configured otherwise since they were started
      {1, {4, 4, 4, 9}, 6, true}, {{}, {5}, 1, false},  // nothing says how many there should be
      {1, {0, 1}, 1, false},
  };
  for (const Row& row : rows) {
    const FleetCount count = CountFleet(Fleet(row.configured, row.working));
    EXPECT_EQ(count.replicas, row.replicas) << testing::PrintToString(row.working);
    EXPECT_EQ(count.shared_identity, row.shared) << testing::PrintToString(row.working);
  }
  EXPECT_EQ(CountFleet(Fleet(1, {5})).slots_per_replica, 10);
}

TEST(CountFleet, SlotsPerReplicaIsTheLowerMedian) {
  ServiceFleet fleet = Fleet(1, {1, 1, 1, 1});
  EXPECT_FALSE(SlotsDiffer(fleet));
  fleet.instance_list[0].slots = 40;
  fleet.instance_list[1].slots = 40;
  EXPECT_EQ(CountFleet(fleet).slots_per_replica, 10) << "half changed: the smaller one";
  EXPECT_TRUE(SlotsDiffer(fleet));
  fleet.instance_list[2].slots = 40;
  EXPECT_EQ(CountFleet(fleet).slots_per_replica, 40);
  fleet.instance_list[3].slots.reset();
  EXPECT_EQ(CountFleet(fleet).slots, std::nullopt) << "of one it is not known";
}

TEST(CountFleet, ImplausibleSlotCountsAreCapped) {
  ServiceFleet fleet = Fleet(1, {1, 1, 1, 1, 1});
  for (Instance& instance : fleet.instance_list) instance.running = 10;
  fleet.instance_list[0].slots = 1e5;
  EXPECT_EQ(CountFleet(fleet).slots, 140);
  EXPECT_EQ(CountFleet(fleet).free_slots, 90);
}

}  // namespace
}  // namespace chatscale
