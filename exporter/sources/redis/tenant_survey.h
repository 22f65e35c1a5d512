// Which tenants a Redis has: asked once in a while when one that we were told to read is not there.
#pragma once

#include <map>
#include <string>

#include "exporter/sources/redis/readers/key_scan.h"

namespace chatscale::redis {

class TenantSurvey {
 public:
  TenantSurvey() : scan_(nullptr) {}

  // A walk through all keys is under way, or may begin: at most one in ten minutes.
  bool Due(double now) const;
  void AskStep(std::size_t keys, Pipeline& pipeline) const { scan_.AskStep(keys, pipeline); }
  void TakeStep(double now, ReplyStream& replies, ReplyFaults& faults);

  // "acme/one (3 processes), acme/two (1 process)"; "" while none is known.
  std::string Found() const;

 private:
  KeyScan scan_;
  std::map<std::string, int> walking_, found_;  // processes, by "<tenant>/<project>"
  double completed_at_ = 0;                     // Unix seconds; 0: never
};

}  // namespace chatscale::redis
