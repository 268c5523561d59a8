/* oversample.h - half-band interpolation over time: the point in the middle of two samples.
 *
 *   y[n] = sum h[k] (a[n - k] + b[n + k]),  k = 0 .. pairs-1
 *
 * Each sum runs over k in one order whatever the vector width or the block, so the bits never depend on either. */
#pragma once
#include <string.h>

typedef float lanes __attribute__((vector_size(32)));
enum { LANES = 8, OVERSAMPLE_GROUP = 4 * LANES }; /* four sums at once hide the latency of an addition */

#define OVERSAMPLE_INLINE static inline __attribute__((always_inline))

/* One pair of taps into `OVERSAMPLE_GROUP` sums. */
OVERSAMPLE_INLINE void oversample_tap(lanes sum[4], float tap, const float *before, const float *after) {
  lanes x[4], y[4];
  memcpy(x, before, sizeof x);
  memcpy(y, after, sizeof y);
  for (int i = 0; i < 4; i++) sum[i] += tap * (x[i] + y[i]);
}

/* Midpoints of a single sequence: y[n] lies between x[n] and x[n + 1]. */
OVERSAMPLE_INLINE void oversample_midpoints(float *y, const float *x, const float *taps, int pairs) {
  lanes sum[4] = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k++) oversample_tap(sum, taps[k], x - k, x + 1 + k);
  memcpy(y, sum, sizeof sum);
}

/* Midpoints of two interleaved sequences a[0] b[0] a[1] b[1] ...: y[n] lies between a[n] and b[n]. `pairs` is even. */
OVERSAMPLE_INLINE void oversample_between(float *y, const float *a, const float *b, const float *taps, int pairs) {
  lanes sum[4] = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k += 2) {
    oversample_tap(sum, taps[k], a - k / 2, b + k / 2);
    oversample_tap(sum, taps[k + 1], b - k / 2 - 1, a + k / 2 + 1);
  }
  memcpy(y, sum, sizeof sum);
}
