// A TCP port of the loopback that nobody listens on now.
#pragma once

namespace chatscale::testing {

int FreePort();

}  // namespace chatscale::testing
