// Which ingress processes drain. Nothing says so: an ingress that a load balancer has deregistered
// keeps its streams and its heartbeat for minutes. But its streams only fall, and it opens none
// while the others of its fleet do. Pure.
//
// A process drains once its streams have fallen, and that it has opened none since can hardly be
// chance: of n processes that take streams and had as many as it or more (a load balancer may
// prefer those with fewer), k were seen to have more than a cycle ago, so that one that takes its
// share has no more with a probability of 1 - k / n, and the product over the cycles is below
// e^-kEvidence. When it opens a stream it drains no more.
#pragma once

#include <map>
#include <string>

namespace chatscale::redis {

inline constexpr double kEvidence = 12;

class StreamWatch {
 public:
  // One cycle: open streams by process. A process that is not among them is forgotten.
  void Observe(const std::map<std::string, double>& streams);

  bool Drains(const std::string& process) const;

 private:
  struct Watched {
    double streams = 0;
    bool fell = false;    // since it last opened one
    double evidence = 0;  // negative logarithm of the probability, since then

    bool drains() const { return fell && evidence >= kEvidence; }
  };
  std::map<std::string, Watched> watched_;
};

}  // namespace chatscale::redis
