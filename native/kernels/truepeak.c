#include "truepeak.h"

#include "decibel.h"
#include "vec.h"

void truepeak_design(truepeak_coefs *coefs, const stream_format *format) {
  (void)format;
  coefs->oversampling = 4;
  detector_design(&coefs->detector);
}

void truepeak_reset(truepeak *state) { *state = (truepeak){0}; }

/* Magnitudes are compared as integers: their bits are in the same order, with infinity and NaN above all, and the largest of integers is
 * found in vectors. The detector works in float32 and late; the samples count exactly and at once. Infinite ones do not count. */
VECTORISED static double largest_sample(const double *samples, uint32_t frames) {
  const int64_t fault = (int64_t)bits_of_double(0x1p20);
  int64_t largest = 0;
  for (uint32_t n = 0; n < frames; n++) {
    int64_t size = (int64_t)(bits_of_double(samples[n]) & INT64_MAX);
    size = size < fault ? size : 0;
    largest = size > largest ? size : largest;
  }
  return double_of_bits((uint64_t)largest);
}

VECTORISED static double largest_peak(const float *peak, uint32_t frames) {
  int32_t largest_bits = 0;
  for (uint32_t n = 0; n < frames; n++) {
    int32_t bits;
    memcpy(&bits, &peak[n], sizeof bits);
    largest_bits = bits > largest_bits ? bits : largest_bits;
  }
  float largest;
  memcpy(&largest, &largest_bits, sizeof largest);
  return (double)largest;
}

static double measure(detector *state, const detector_coefs *coefs, const double *samples, uint32_t frames) {
  float peak[DETECTOR_BLOCK_FRAMES];
  double sample = largest_sample(samples, frames);
  detector_process(state, coefs, samples, peak, frames);
  double between = largest_peak(peak, frames);
  return sample > between ? sample : between;
}

void truepeak_process(truepeak *state, const truepeak_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  const double *samples[2] = {left, right};
  for (uint32_t done = 0; done < frames; done += DETECTOR_BLOCK_FRAMES) {
    uint32_t rest = frames - done, some = rest < DETECTOR_BLOCK_FRAMES ? rest : DETECTOR_BLOCK_FRAMES;
    for (int channel = 0; channel < 2; channel++) {
      double peak = measure(&state->detector[channel], &coefs->detector, samples[channel] + done, some);
      if (peak > state->peak[channel]) state->peak[channel] = peak;
    }
  }
}
