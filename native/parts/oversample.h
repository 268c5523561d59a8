/* oversample.h - half-band interpolation over time: the point in the middle of two samples.
 *
 *   y[n] = sum h[k] (a[n - k] + b[n + k]),  k = 0 .. pairs-1
 *
 * Each sum runs over k in one order whatever the vector width or the block, so the bits never depend on either. */
#pragma once

typedef float lanes __attribute__((vector_size(32)));
typedef float lanes_anywhere __attribute__((vector_size(32), aligned(4), may_alias)); /* a vector in an array of float */
enum { LANES = 8, OVERSAMPLE_GROUP = 4 * LANES }; /* four sums hide the latency of an addition */

typedef struct {
  lanes a, b, c, d; /* named, not an array: GCC keeps them in registers */
} oversample_sums;

#define OVERSAMPLE_INLINE static inline __attribute__((always_inline))
#define OVERSAMPLE_AT(x, i) (((const lanes_anywhere *)(const void *)(x))[i])

/* One pair of taps into `OVERSAMPLE_GROUP` sums. */
OVERSAMPLE_INLINE void oversample_tap(oversample_sums *sum, float tap, const float *before, const float *after) {
  sum->a += tap * (OVERSAMPLE_AT(before, 0) + OVERSAMPLE_AT(after, 0));
  sum->b += tap * (OVERSAMPLE_AT(before, 1) + OVERSAMPLE_AT(after, 1));
  sum->c += tap * (OVERSAMPLE_AT(before, 2) + OVERSAMPLE_AT(after, 2));
  sum->d += tap * (OVERSAMPLE_AT(before, 3) + OVERSAMPLE_AT(after, 3));
}

OVERSAMPLE_INLINE void oversample_one_tap(oversample_sums *sum, float tap, const float *x) {
  sum->a += tap * OVERSAMPLE_AT(x, 0), sum->b += tap * OVERSAMPLE_AT(x, 1);
  sum->c += tap * OVERSAMPLE_AT(x, 2), sum->d += tap * OVERSAMPLE_AT(x, 3);
}

OVERSAMPLE_INLINE void oversample_store(float *y, const oversample_sums *sum) {
  lanes_anywhere *out = (lanes_anywhere *)(void *)y;
  out[0] = sum->a, out[1] = sum->b, out[2] = sum->c, out[3] = sum->d;
}

/* Midpoints of a single sequence: y[n] lies between x[n] and x[n + 1]. */
OVERSAMPLE_INLINE void oversample_midpoints(float *y, const float *x, const float *taps, int pairs) {
  oversample_sums sum = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k++) oversample_tap(&sum, taps[k], x - k, x + 1 + k);
  oversample_store(y, &sum);
}

/* Midpoints of two interleaved sequences a[0] b[0] a[1] b[1] ...: y[n] lies between a[n] and b[n]. `pairs` is even. */
OVERSAMPLE_INLINE void oversample_between(float *y, const float *a, const float *b, const float *taps, int pairs) {
  oversample_sums sum = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k += 2) {
    oversample_tap(&sum, taps[k], a - k / 2, b + k / 2);
    oversample_tap(&sum, taps[k + 1], b - k / 2 - 1, a + k / 2 + 1);
  }
  oversample_store(y, &sum);
}

/* Half-band decimation: y[n] lies on a[n], whose neighbours half a step away are b[n] and b[n + 1]. */
OVERSAMPLE_INLINE void oversample_half(float *y, const float *a, const float *b, const float *taps, int pairs) {
  oversample_midpoints(y, b, taps, pairs);
  for (int n = 0; n < OVERSAMPLE_GROUP; n++) y[n] = 0.5f * (a[n] + y[n]);
}

/* Decimation by any filter, of two interleaved sequences ... b[n] a[n]: `taps` from the newest, a[n], backwards. */
OVERSAMPLE_INLINE void oversample_low_delay(float *y, const float *a, const float *b, const float *taps, int pairs) {
  oversample_sums sum = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k++) {
    oversample_one_tap(&sum, taps[2 * k], a - k);
    oversample_one_tap(&sum, taps[2 * k + 1], b - k);
  }
  oversample_store(y, &sum);
}
