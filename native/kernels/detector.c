#include "detector.h"

#include <math.h>
#include <string.h>

#include "oversample.h"
#include "vec.h"

enum { HISTORY = DETECTOR_HISTORY_FRAMES, MIDPOINT_HISTORY = DETECTOR_MIDPOINT_HISTORY_FRAMES, BLOCK = DETECTOR_BLOCK_FRAMES };
enum { DELAY = DETECTOR_DELAY_FRAMES, MIDPOINT_DELAY = DETECTOR_PAIRS };
static const double LOUDEST = 0x1p20, QUIETEST = 1e-15;
static const float NO_CURVATURE = 1e-36f;

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

/* Half of a symmetric half-band interpolator with `pairs` pairs of taps, unity at 0 Hz. */
static void design_taps(float *taps, int pairs, double kaiser_beta) {
  const double pi = 3.14159265358979323846;
  double wide[DETECTOR_PAIRS], sum = 0;
  for (int k = 0; k < pairs; k++) {
    double at = k + 0.5, edge = at / pairs;
    wide[k] = sin(pi * at) / (pi * at) * bessel_i0(kaiser_beta * sqrt(1 - edge * edge)) / bessel_i0(kaiser_beta);
    sum += 2 * wide[k];
  }
  for (int k = 0; k < pairs; k++) taps[k] = (float)(wide[k] / sum);
}

void detector_design(detector_coefs *coefs) {
  design_taps(coefs->midpoint, DETECTOR_PAIRS, 12);
  design_taps(coefs->quarter, DETECTOR_QUARTER_PAIRS, 11);
}

void detector_reset(detector *state) { *state = (detector){0}; }

static inline float larger(float a, float b) { return a > b ? a : b; }

/* The amplitude of the sine through three points, if the middle one is a maximum. */
static inline float refined(float before, float at, float after) {
  float a = at - before, b = at - after, fall = a + b, skew = a - b, rest = 4 * at - fall;
  float amplitude = at * sqrtf(1 + skew * skew / larger(fall * rest, NO_CURVATURE));
  return a >= 0 && b >= 0 ? amplitude : at;
}

static inline void take_samples(detector *state, const double *samples, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double size = fabs(samples[n]);
    state->sample[HISTORY + n] = size < LOUDEST && size > QUIETEST ? (float)samples[n] : 0;
  }
}

static inline void forget_oldest(detector *state, uint32_t frames) {
  memmove(state->sample, state->sample + frames, HISTORY * sizeof(float));
  memmove(state->midpoint, state->midpoint + frames, MIDPOINT_HISTORY * sizeof(float));
}

/* Whole groups: what lies past `frames` is computed from old samples and never used. */
static inline void oversample(detector *state, const detector_coefs *coefs, float *quarter, float *three_quarter,
                              uint32_t frames) {
  float *midpoint = state->midpoint + MIDPOINT_HISTORY;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP)
    oversample_midpoints(midpoint + n, state->sample + HISTORY - MIDPOINT_DELAY + n, coefs->midpoint, DETECTOR_PAIRS);
  const float *at = state->sample + HISTORY - DELAY, *half = midpoint + MIDPOINT_DELAY - DELAY;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) {
    oversample_between(quarter + n, at + n, half + n, coefs->quarter, DETECTOR_QUARTER_PAIRS);
    oversample_between(three_quarter + n, half + n, at + 1 + n, coefs->quarter, DETECTOR_QUARTER_PAIRS);
  }
}

/* The largest peak from each sample to the next; three_quarter[-1] belongs to the frame before the first. */
static inline void find_intervals(float *interval, const float *sample, const float *quarter, const float *half,
                                  const float *three_quarter, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    float before = fabsf(three_quarter[(int)n - 1]), at = fabsf(sample[n]), q = fabsf(quarter[n]), h = fabsf(half[n]);
    float t = fabsf(three_quarter[n]), next = fabsf(sample[n + 1]);
    float early = larger(refined(before, at, q), refined(at, q, h)), late = larger(refined(q, h, t), refined(h, t, next));
    interval[n] = larger(early, late);
  }
}

VECTORISED void detector_process(detector *state, const detector_coefs *coefs, const double *samples, float *peak,
                                 uint32_t frames) {
  float quarter[BLOCK], three_quarter[1 + BLOCK], interval[1 + BLOCK];
  take_samples(state, samples, frames);
  oversample(state, coefs, quarter, three_quarter + 1, frames);
  three_quarter[0] = state->last_three_quarter, interval[0] = state->last_interval;
  const float *sample = state->sample + HISTORY - DELAY, *half = state->midpoint + MIDPOINT_HISTORY + MIDPOINT_DELAY - DELAY;
  find_intervals(interval + 1, sample, quarter, half, three_quarter + 1, frames);
  for (uint32_t n = 0; n < frames; n++) peak[n] = larger(interval[n], interval[n + 1]);
  state->last_three_quarter = three_quarter[frames], state->last_interval = interval[frames];
  forget_oldest(state, frames);
}
