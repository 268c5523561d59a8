/* guard.h - what may enter the chain: finite numbers up to +24 dBFS. NaN and Inf become 0, more is held there. */
#pragma once
#include <stdint.h>

#define GUARD_LIMIT 16.0 /* +24.1 dBFS */

typedef struct {
  uint64_t nonfinite, clamped; /* samples */
} guard_counts;

static inline double guard_sample(double x, guard_counts *counts) {
  double size = __builtin_fabs(x);
  if (size <= GUARD_LIMIT) return x;
  if (size <= __DBL_MAX__) return counts->clamped++, x < 0 ? -GUARD_LIMIT : GUARD_LIMIT;
  return counts->nonfinite++, 0.0;
}

static inline void guard(double *samples, uint32_t frames, guard_counts *counts) {
  int sound = 1;
  for (uint32_t n = 0; n < frames; n++) sound &= __builtin_fabs(samples[n]) <= GUARD_LIMIT;
  if (sound) return;
  for (uint32_t n = 0; n < frames; n++) samples[n] = guard_sample(samples[n], counts);
}
