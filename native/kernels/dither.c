#include "dither.h"

#include <math.h>

static const uint64_t WEYL = 0x9E3779B97F4A7C15u;

void dither_design(dither_coefs *coefs, const dither_params *params, const stream_format *format) {
  (void)format;
  coefs->steps = ldexp(1, params->bits - 1);
}

/* SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014; constants by Stafford, variant 13). */
static inline uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

void dither_reset(dither *state, uint64_t seed) {
  for (uint64_t channel = 0; channel < 2; channel++) state->counter[channel] = mix(2 * seed + channel + WEYL);
}

/* The sum of two uniforms, each the centre of one of 2^32 equal cells of (0, 1). */
static inline double triangular(uint64_t *counter) {
  uint64_t bits = mix(*counter += WEYL);
  return ((double)(uint32_t)bits + (double)(uint32_t)(bits >> 32) + 1.0) * 0x1p-32;
}

static inline double quantise(double x, double steps, double noise) {
  if (x != x) x = 0; /* NaN becomes silence */
  double step = floor(x * steps + noise - 0.5), top = steps - 1;
  step = step < top ? step : top;
  return (step > -steps ? step : -steps) / steps;
}

void dither_process(dither *state, const dither_coefs *coefs, double *left, double *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    left[n] = quantise(left[n], coefs->steps, triangular(&state->counter[0]));
    right[n] = quantise(right[n], coefs->steps, triangular(&state->counter[1]));
  }
}
