#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "exporter/recommendations/state_file.h"
#include "tests/recommender/scenario.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using recommender::Player;
using recommender::Signals;
using recommender::State;

// Loads that rise, fall and cross every gate, with fractional numbers.
void Wave(Signals& s) {
  const auto t = static_cast<double>(absl::ToUnixSeconds(s.now) % 3600);
  s.ingress.streams = 20 + t / 21;
  s.proc.queue_total = 1 + t / 300;
  s.proc.busy_slots = 1 + t / 300;
  s.proc.exec_p50_seconds = 20.1 + t / 7000;
}

TEST(StateJson, RoundTripAtEveryTickChangesNothing) {
  Player whole, restarted;
  for (int tick = 0; tick < 300; ++tick) {
    whole.Play(1, Wave);
    const auto text = StateJson(restarted.state).dump();
    const auto back = StateFromJson(nlohmann::json::parse(text));
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(*back, restarted.state);
    restarted.state = *back;
    restarted.Play(1, Wave);
    ASSERT_EQ(whole.last.recommendations, restarted.last.recommendations) << tick;
  }
}

TEST(StateJson, NamesInvalidFieldsAndAcceptsMissingOnes) {
  Player player;
  player.Play(10, Wave);
  nlohmann::json state = StateJson(player.state);
  state["proc"]["last_change"] = true;
  EXPECT_THAT(std::string(StateFromJson(state).status().message()),
              ::testing::HasSubstr("last_change"));
  state["proc"].erase("last_change");
  state["proc"].erase("seen");
  EXPECT_TRUE(StateFromJson(state).ok());
  for (const auto& absurd : {nlohmann::json(-5'000'000'000), nlohmann::json(2'000'000)}) {
    state["proc"]["desired"] = absurd;
    EXPECT_FALSE(StateFromJson(state).ok()) << absurd;
  }
  state["proc"]["desired"] = 3;
  state["proc_memory"]["service_seconds"] = 1e300;
  EXPECT_FALSE(StateFromJson(state).ok());
  state["proc_memory"].erase("service_seconds");
  // The head of a window beyond its entries would be read out of bounds.
  for (const char* window : {"/proc/floor/head", "/proc_memory/queue/explained/head"}) {
    nlohmann::json damaged = state;
    damaged[nlohmann::json::json_pointer(window)] = 60;
    EXPECT_FALSE(StateFromJson(damaged).ok()) << window;
  }
  EXPECT_TRUE(StateFromJson(state).ok());
  EXPECT_FALSE(StateFromJson(nlohmann::json(3)).ok());
}

TEST(SignalsJson, RoundTripGivesTheSameRecommendation) {
  Player player;
  player.Play(20, Wave);
  Signals signals = recommender::Calm(player.now);
  Wave(signals);
  const auto back = SignalsFromJson(nlohmann::json::parse(SignalsJson(signals).dump()));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(Recommend(player.policy, player.state, signals).recommendations,
            Recommend(player.policy, player.state, *back).recommendations);
}

class StateFile : public ::testing::Test {
 protected:
  StateFile() : folder_(fs::temp_directory_path() / ("state." + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~StateFile() override { fs::remove_all(folder_); }

  std::string Path() const { return folder_ / "state.json"; }

 private:
  fs::path folder_;
};

TEST_F(StateFile, MissingFileIsEmptyState) {
  const auto loaded = LoadStates(Path());
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded->states.empty());
  EXPECT_EQ(loaded->warning, "");
}

TEST_F(StateFile, ReadsBackWhatWasSaved) {
  Player player;
  player.Play(100, Wave);
  const States states = {{{"acme", "shop"}, player.state}, {{"", ""}, State{}}};
  ASSERT_TRUE(SaveStates(Path(), states).ok());
  ASSERT_TRUE(SaveStates(Path(), states).ok());
  const auto loaded = LoadStates(Path());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->warning, "");
  EXPECT_EQ(loaded->states, states);
}

TEST_F(StateFile, MalformedFileIsSetAside) {
  int n = 0;
  for (const char* damage : {"", "{", "[]", "{\"version\":2,\"targets\":[]}", "{\"version\":1}"}) {
    std::ofstream(Path()) << damage;
    const auto loaded = LoadStates(Path());
    ASSERT_TRUE(loaded.ok()) << damage;
    EXPECT_TRUE(loaded->states.empty());
    EXPECT_THAT(loaded->warning, ::testing::HasSubstr(".damaged-" + std::to_string(++n)));
    EXPECT_FALSE(fs::exists(Path()));
  }
}

TEST_F(StateFile, MalformedTargetDoesNotAffectOthers) {
  ASSERT_TRUE(SaveStates(Path(), {{{"good", "p"}, {}}, {{"bad", "p"}, {}}}).ok());
  auto file = nlohmann::json::parse(std::ifstream(Path()));
  for (auto& target : file["targets"]) {
    if (target["tenant"] == "bad") target["state"]["proc"]["desired"] = -3;
  }
  for (const char* more : {R"({"tenant": "nameless"})", "{}", "3"}) {
    file["targets"].push_back(nlohmann::json::parse(more));
  }
  std::ofstream(Path()) << file;
  const auto loaded = LoadStates(Path());
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded->states.size(), 1U);
  EXPECT_EQ(loaded->states.begin()->first.tenant, "good");
  EXPECT_THAT(loaded->warning, ::testing::HasSubstr("4 targets are unusable"));
  EXPECT_TRUE(fs::exists(Path()));
  EXPECT_TRUE(fs::exists(Path() + ".damaged-1"));
}

TEST_F(StateFile, OversizedFileIsSetAsideUnread) {
  std::ofstream(Path()) << "x";
  fs::resize_file(Path(), std::uintmax_t{3} << 30);
  const auto loaded = LoadStates(Path());
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(loaded->warning, ::testing::HasSubstr("larger than 1073741824 bytes"));
  EXPECT_FALSE(fs::exists(Path()));
}

TEST_F(StateFile, DirectoryInPlaceOfFileIsAnError) {
  fs::create_directory(Path());
  EXPECT_FALSE(LoadStates(Path()).ok());
  EXPECT_FALSE(SaveStates(Path(), {}).ok());
  EXPECT_TRUE(fs::is_directory(Path()));
  fs::remove(Path());
}

TEST_F(StateFile, MissingDirectoryIsAnError) {
  EXPECT_FALSE(SaveStates("/nonexistent/state.json", {}).ok());
}

}  // namespace
}  // namespace chatscale
