/* pair.h - left and right in one vector: for what runs from frame to frame and cannot be vectorised over time. */
#pragma once

#define INLINED static inline __attribute__((always_inline))

typedef double pair __attribute__((vector_size(16)));

INLINED pair pair_of(double both) { return (pair){both, both}; }

/* a > b ? a : b in each lane: one instruction on x86, and there the same answer for every input. */
#ifdef __SSE2__
INLINED pair pair_larger(pair a, pair b) { return __builtin_ia32_maxpd(a, b); }
INLINED pair pair_smaller(pair a, pair b) { return __builtin_ia32_minpd(a, b); }
#else
INLINED pair pair_larger(pair a, pair b) { return (pair){a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]}; }
INLINED pair pair_smaller(pair a, pair b) { return (pair){a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1]}; }
#endif
