#include "dither.h"

#include <math.h>

#include "quantiser.h"
#include "random.h"
#include "vec.h"

void dither_design(dither_coefs *coefs, const dither_params *params, const stream_format *format) {
  (void)format;
  coefs->steps = ldexp(1, params->bits - 1);
}

void dither_reset(dither *state, uint64_t seed) {
  for (uint64_t channel = 0; channel < 2; channel++) state->counter[channel] = random_start(seed, channel);
}

/* Frame n of a channel has the counter n strides further on, so all of them go in parallel. */
VECTORISED static void dither_channel(double *samples, double steps, uint64_t start, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    uint64_t counter = start + n * RANDOM_STRIDE;
    samples[n] = quantiser_value(quantiser_step(quantiser_scale(samples[n], steps), random_triangular(&counter)), steps);
  }
}

void dither_process(dither *state, const dither_coefs *coefs, double *left, double *right, uint32_t frames) {
  double *side[2] = {left, right};
  for (int channel = 0; channel < 2; channel++) {
    dither_channel(side[channel], coefs->steps, state->counter[channel], frames);
    state->counter[channel] += frames * RANDOM_STRIDE;
  }
}
