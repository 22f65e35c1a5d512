// A setting in effect, as anybody may see it.
#pragma once

#include <string>

namespace chatscale {

struct ShownSetting {
  std::string variable;
  std::string value;   // without secrets and credentials
  bool given = false;  // else it is the default
};

}  // namespace chatscale
