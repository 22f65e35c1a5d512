// Why OpenSSL refused, in its words.
#pragma once

#include <string>

namespace chatscale {

// Of this thread's last failure; none is left afterwards.
std::string LastTlsError();

}  // namespace chatscale
