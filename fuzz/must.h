// What must hold of any input.
#pragma once

#include <cstdio>
#include <cstdlib>

// Not assert: it holds in every build.
#define MUST(condition)                                                               \
  do {                                                                                \
    if (!(condition)) {                                                               \
      std::fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                   \
    }                                                                                 \
  } while (false)
