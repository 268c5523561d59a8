#include "bass_hold.h"

#include <math.h>
#include <string.h>

#include "decibel.h"
#include "pair.h"
#include "quiet.h"

enum { BLOCK = 64, SECTIONS = BASS_SECTIONS, BUCKETS = BASS_BUCKETS };
static const double CORNER_HZ = 300;
static const double BUTTERWORTH_Q[SECTIONS] = {0.541196100146197, 1.306562964876377};

void bass_hold_design(bass_hold_coefs *coefs, int32_t on, uint32_t window_frames, double sample_rate_hz) {
  double g = tan(3.14159265358979323846 * CORNER_HZ / sample_rate_hz);
  *coefs = (bass_hold_coefs){.on = on, .bucket_frames = (window_frames + BUCKETS) / (BUCKETS + 1)};
  for (int i = 0; i < SECTIONS; i++) {
    double damping = g * (g + 1 / BUTTERWORTH_Q[i]), twice = 2 / (1 + damping);
    coefs->e1[i] = damping * twice, coefs->e2[i] = g * twice, coefs->e3[i] = g * coefs->e2[i];
  }
}

void bass_hold_reset(bass_hold *state) { *state = (bass_hold){.full = 0}; }

static inline pair load(const double *both) { return (pair){both[0], both[1]}; }

static inline void store(double *both, pair value) { both[0] = value[0], both[1] = value[1]; }

/* The low-pass output of the state-variable filter is the mean of its second memory before and after the tick. */
static inline void filter(double memory[2][2], double e1, double e2, double e3, pair *samples, uint32_t frames) {
  pair s1 = load(memory[0]), s2 = load(memory[1]);
  for (uint32_t n = 0; n < frames; n++) {
    pair d = samples[n] - s2, band = (s1 - e1 * s1) + e2 * d, low = (s2 + e2 * s1) + e3 * d;
    samples[n] = 0.5 * (s2 + low);
    s1 = band, s2 = low;
  }
  store(memory[0], s1), store(memory[1], s2);
}

static void required(const pair *low, const float *ceiling, float *octaves, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double left = fabs(low[n][0]), right = fabs(low[n][1]);
    float peak = (float)(left > right ? left : right);
    octaves[n] = peak > ceiling[n] ? octaves_above_one(peak / ceiling[n]) : 0;
  }
}

static void next_bucket(bass_hold *state) {
  state->bucket[state->at] = state->filling;
  state->at = (state->at + 1) % BUCKETS;
  state->filling = 0, state->full = 0, state->frames = 0;
  for (int i = 0; i < BUCKETS; i++) state->full = state->bucket[i] > state->full ? state->bucket[i] : state->full;
}

static void hold(bass_hold *state, uint32_t bucket_frames, float *octaves, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    state->filling = octaves[n] > state->filling ? octaves[n] : state->filling;
    octaves[n] = state->full > state->filling ? state->full : state->filling;
    if (++state->frames >= bucket_frames) next_bucket(state);
  }
}

void bass_hold_process(bass_hold *state, const bass_hold_coefs *coefs, const double *left, const double *right,
                       const float *ceiling, float *octaves, uint32_t frames) {
  pair low[BLOCK];
  for (uint32_t n = 0; n < frames; n++) low[n] = (pair){left[n], right[n]};
  for (int i = 0; i < SECTIONS; i++) {
    filter(state->memory[i], coefs->e1[i], coefs->e2[i], coefs->e3[i], low, frames);
    quiet_all(&state->memory[i][0][0], 4);
  }
  required(low, ceiling, octaves, frames);
  hold(state, coefs->bucket_frames, octaves, frames);
}
