// Which ingress processes drain. Nothing says so: an ingress that a load balancer has deregistered
// keeps its streams and its heartbeat for minutes. But its streams only fall, and it opens none
// while the others of its fleet do. Pure.
//
// A process drains once its streams have fallen, and it has opened none in the time in which an
// average process of its fleet was seen to open some kOpenedByOthers times. If it took its share,
// that would happen by chance once in e^kOpenedByOthers. When it opens a stream it drains no more.
#pragma once

#include <map>
#include <string>

namespace chatscale::redis {

inline constexpr double kOpenedByOthers = 20;

class StreamWatch {
 public:
  // One cycle: open streams by process. A process that is not among them is forgotten.
  void Observe(const std::map<std::string, double>& streams);

  bool Drains(const std::string& process) const;

 private:
  struct Watched {
    double streams = 0;
    bool fell = false;           // since it last opened one
    double opened_by_other = 0;  // times an average process did since then

    bool drains() const { return fell && opened_by_other >= kOpenedByOthers; }
  };
  std::map<std::string, Watched> watched_;
};

}  // namespace chatscale::redis
