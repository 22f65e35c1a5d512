// A delivery that takes several requests. What breaks off is taken up where it broke off: what
// arrived twice would count twice.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "exporter/model/view.h"

namespace chatscale {

class Parts {
 public:
  using Send = std::function<absl::Status(const std::string& part, absl::Duration timeout)>;

  // Sends those parts of `view` that have not arrived, one after the other, until one fails.
  absl::Status Deliver(std::shared_ptr<const View> view, const std::vector<std::string>& parts,
                       absl::Duration timeout, const Send& send);

 private:
  std::shared_ptr<const View> view_;  // not all of it has arrived
  std::size_t arrived_ = 0;           // parts of it that have
};

}  // namespace chatscale
