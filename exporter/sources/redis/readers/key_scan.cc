#include "exporter/sources/redis/readers/key_scan.h"

#include "exporter/sources/redis/state/keys.h"

namespace chatscale::redis {
namespace {

// SCAN takes one pattern: this one matches "heartbeat:process:..." and "chat:sse:...", and apart
// from them only the fifteen or so "chat:prompt:..." keys.
constexpr std::string_view kWanted = ":kdcube:*t:[ps][rs][oe]*";

constexpr double kEverySeconds = 60;

}  // namespace

KeyScan::KeyScan(const Target* only)
    : pattern_(only == nullptr ? "*" : EscapeGlob(only->tenant + ":" + only->project)) {
  pattern_.append(kWanted);
}

void KeyScan::AskStep(std::size_t keys, Pipeline& pipeline) const {
  pipeline.Add({"SCAN", cursor_, "MATCH", pattern_, "COUNT", std::to_string(keys)});
}

bool KeyScan::Due(double now) const {
  const double since = now - began_at_;
  return cursor_ != "0" || since >= kEverySeconds || since < 0;
}

std::vector<std::string_view> KeyScan::TakeStep(double now, ReplyStream& replies,
                                                ReplyFaults& faults) {
  std::vector<std::string_view> keys;
  if (cursor_ == "0") began_at_ = now;
  const ReplyView reply = replies.Next(faults);
  if (reply.size() != 2) return keys;
  cursor_ = reply[0].Text().value_or("0");
  if (cursor_ == "0") ++passes_;
  const ReplyView found = reply[1];
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (const auto key = found[i].Text()) keys.push_back(*key);
  }
  return keys;
}

}  // namespace chatscale::redis
