#include "exporter/state/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "exporter/state/state_json.h"

namespace chatscale {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kVersion = 1;
constexpr int kMostSetAside = 100;

absl::StatusOr<States> Parse(const std::string& text) {
  const json file = json::parse(text, nullptr, false);
  if (!file.is_object()) return absl::InvalidArgumentError("not a JSON object");
  if (file.value("version", json()) != kVersion) {
    return absl::InvalidArgumentError("not version " + std::to_string(kVersion));
  }
  States states;
  const json targets = file.value("targets", json());
  if (!targets.is_array()) return absl::InvalidArgumentError("no list of targets");
  for (const json& entry : targets) {
    if (!entry.is_object()) return absl::InvalidArgumentError("a target that is no object");
    const json tenant = entry.value("tenant", json());
    const json project = entry.value("project", json());
    if (!tenant.is_string() || !project.is_string()) {
      return absl::InvalidArgumentError("a target without a name");
    }
    auto state = StateFromJson(entry.value("state", json()));
    if (!state.ok()) return state.status();
    states[{tenant.get<std::string>(), project.get<std::string>()}] = *std::move(state);
  }
  return states;
}

// Renames the file out of the way; its new name.
std::string SetAside(const std::string& path) {
  for (int n = 1; n < kMostSetAside; ++n) {
    std::string aside = path + ".damaged-" + std::to_string(n);
    std::error_code error;
    if (fs::exists(aside, error)) continue;
    fs::rename(path, aside, error);
    if (!error) return aside;
  }
  return "";
}

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(what + " " + path + ": " + std::strerror(errno));
}

absl::Status WriteWhole(int fd, const std::string& text, const std::string& path) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t put = ::write(fd, text.data() + done, text.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Failed("cannot write", path);
    done += static_cast<std::size_t>(put);
  }
  // Before the rename: a name that points to data not yet on the disk would be neither old nor new.
  return ::fsync(fd) == 0 ? absl::OkStatus() : Failed("cannot sync", path);
}

// Makes the rename itself last.
void SyncFolder(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

absl::StatusOr<LoadedStates> LoadStates(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return LoadedStates{};
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    // An empty file fails the copy as well; it is merely damaged.
    if (!file.is_open() || fs::file_size(path, error) != 0) return Failed("cannot read", path);
  }
  auto states = Parse(text.str());
  if (states.ok()) return LoadedStates{*std::move(states), ""};
  const std::string aside = SetAside(path);
  return LoadedStates{{},
                      path + " is damaged (" + std::string(states.status().message()) + "); " +
                          (aside.empty() ? "it could not be set aside" : "set aside as " + aside)};
}

absl::Status SaveStates(const std::string& path, const States& states) {
  json targets = json::array();
  for (const auto& [target, state] : states) {
    targets.push_back(
        {{"tenant", target.tenant}, {"project", target.project}, {"state", StateJson(state)}});
  }
  const std::string text = json({{"version", kVersion}, {"targets", targets}})
                               .dump(-1, ' ', false, json::error_handler_t::replace);
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Failed("cannot create", fresh);
  absl::Status written = WriteWhole(fd, text + "\n", fresh);
  if (::close(fd) != 0 && written.ok()) written = Failed("cannot close", fresh);
  if (written.ok() && ::rename(fresh.c_str(), path.c_str()) != 0) {
    written = Failed("cannot replace", path);
  }
  if (!written.ok()) {
    ::unlink(fresh.c_str());
    return written;
  }
  SyncFolder(path);
  return absl::OkStatus();
}

}  // namespace chatscale
