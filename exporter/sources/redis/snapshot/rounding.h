// Decimal rounding as Python's round(x, n): of the exact binary value, ties to even. Pure.
#pragma once

namespace chatscale::redis {

double RoundTo(double value, int decimals);  // decimals 0..9

}  // namespace chatscale::redis
