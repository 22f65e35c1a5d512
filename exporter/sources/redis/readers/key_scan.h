// Walks through all keys with SCAN, one bounded step at a time, for heartbeats and stream entries
// that no index knows, and for targets nobody named. A walk begins at most once a minute.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/target.h"
#include "exporter/sources/redis/wire/pipeline.h"
#include "exporter/sources/redis/wire/reply_stream.h"

namespace chatscale::redis {

class KeyScan {
 public:
  // Keys of `only`, or of everybody when it is null.
  explicit KeyScan(const Target* only);

  // A walk is under way, or may begin. `now` in Unix seconds.
  bool Due(double now) const;

  // One step, of about `keys` keys looked at by Redis.
  void AskStep(std::size_t keys, Pipeline& pipeline) const;
  // The matching keys met; views into the reply.
  std::vector<std::string_view> TakeStep(double now, ReplyStream& replies, ReplyFaults& faults);

  // Times the walk came round, since the start.
  int passes() const { return passes_; }

 private:
  std::string pattern_;
  std::string cursor_ = "0";
  int passes_ = 0;
  double began_at_ = 0;  // the walk under way, or the last one
};

}  // namespace chatscale::redis
