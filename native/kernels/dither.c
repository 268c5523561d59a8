#include "dither.h"

#include <math.h>

#include "quantiser.h"
#include "random.h"

void dither_design(dither_coefs *coefs, const dither_params *params, const stream_format *format) {
  (void)format;
  coefs->steps = ldexp(1, params->bits - 1);
}

void dither_reset(dither *state, uint64_t seed) {
  for (uint64_t channel = 0; channel < 2; channel++) state->counter[channel] = random_start(seed, channel);
}

static inline double dithered(double x, double steps, uint64_t *counter) {
  return quantiser_value(quantiser_step(quantiser_scale(x, steps), random_triangular(counter)), steps);
}

void dither_process(dither *state, const dither_coefs *coefs, double *left, double *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    left[n] = dithered(left[n], coefs->steps, &state->counter[0]);
    right[n] = dithered(right[n], coefs->steps, &state->counter[1]);
  }
}
