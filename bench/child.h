// A program that a benchmark starts, watches and ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace chatscale {

class Child {
 public:
  // `environment`: "NAME=value", added to ours. Its standard output is discarded.
  explicit Child(const std::vector<std::string>& argv,
                 const std::vector<std::string>& environment = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // CPU of all its threads since it was started.
  double CpuMs() const;
  double ResidentMb() const { return StatusMb("VmRSS:"); }
  double PrivateMb() const { return StatusMb("RssAnon:"); }
  double PeakMb() const { return StatusMb("VmHWM:"); }

 private:
  double StatusMb(const std::string& name) const;

  pid_t pid_ = -1;
};

// What `command` printed.
std::string OutputOf(const std::string& command);

// Ends the benchmark when `program` is not installed, naming the Debian package.
void Require(const std::string& program, const std::string& package);

}  // namespace chatscale
