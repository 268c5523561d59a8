#include "agc_detector.h"

#include "pair.h"
#include "quiet.h"
#include "vec.h"

static const double LOUDEST = 1e8;    /* +80 dBFS: no programme */
static const double DAMPING[2] = {1.8477590650225735, 0.76536686473017954}; /* 1/Q of a Butterworth filter of order 4 */

INLINED pair pair_load(const double both[2]) { return (pair){both[0], both[1]}; }
INLINED void pair_store(double both[2], pair value) { both[0] = value[0], both[1] = value[1]; }

typedef struct {
  pair b0, b1, b2, a0, a1, p, q;
} stage;

typedef struct {
  pair a1, a2, a3, s1, s2;
} section;

INLINED stage stage_load(const loudness_stage *c, double memory[2][2]) {
  return (stage){pair_of(c->b[0]), pair_of(c->b[1]),     pair_of(c->b[2]),    pair_of(c->a[0]),
                 pair_of(c->a[1]), pair_load(memory[0]), pair_load(memory[1])};
}

INLINED pair stage_tick(stage *s, pair x) {
  pair y = s->b0 * x + s->p;
  s->p = s->b1 * x + s->q - s->a0 * y;
  s->q = s->b2 * x - s->a1 * y;
  return y;
}

INLINED section section_load(double g, double k, double memory[2][2]) {
  double a1 = 1 / (1 + g * (g + k));
  return (section){pair_of(a1), pair_of(g * a1), pair_of(g * g * a1), pair_load(memory[0]), pair_load(memory[1])};
}

INLINED pair section_low_pass(section *s, pair x) {
  pair v3 = x - s->s2, v1 = s->a1 * s->s1 + s->a2 * v3, v2 = s->s2 + s->a2 * s->s1 + s->a3 * v3;
  s->s1 = v1 + v1 - s->s1, s->s2 = v2 + v2 - s->s2;
  return v2;
}

VECTORISED static void measure(agc_detector *state, const agc_detector_coefs *coefs, const double *left, const double *right,
                               uint32_t frames) {
  stage shelf = stage_load(&coefs->weighting.stage[0], state->weighting[0]);
  stage high = stage_load(&coefs->weighting.stage[1], state->weighting[1]);
  section first = section_load(coefs->corner, DAMPING[0], state->split[0]);
  section second = section_load(coefs->corner, DAMPING[1], state->split[1]);
  pair all = pair_load(state->energy[0]), bass = pair_load(state->energy[1]);
  for (uint32_t n = 0; n < frames; n++) {
    pair weighted = stage_tick(&high, stage_tick(&shelf, (pair){left[n], right[n]}));
    pair low = section_low_pass(&second, section_low_pass(&first, weighted));
    all += weighted * weighted, bass += low * low;
  }
  pair_store(state->weighting[0][0], shelf.p), pair_store(state->weighting[0][1], shelf.q);
  pair_store(state->weighting[1][0], high.p), pair_store(state->weighting[1][1], high.q);
  pair_store(state->split[0][0], first.s1), pair_store(state->split[0][1], first.s2);
  pair_store(state->split[1][0], second.s1), pair_store(state->split[1][1], second.s2);
  pair_store(state->energy[0], all), pair_store(state->energy[1], bass);
}

void agc_detector_process(agc_detector *state, const agc_detector_coefs *coefs, const double *left, const double *right,
                          uint32_t frames) {
  measure(state, coefs, left, right, frames);
  state->filled_frames += frames;
}

/* Keeps memories from becoming denormal; all of them become 0 when the bin was no programme. */
static void tidy(agc_detector *state, int sane) {
  double *memory[2] = {&state->weighting[0][0][0], &state->split[0][0][0]};
  for (int part = 0; part < 2; part++)
    for (int i = 0; i < 8; i++) memory[part][i] = sane ? quiet_or(memory[part][i]) : 0;
}

static double close_bin(agc_detector *state, int which, uint32_t frames) {
  double bin = (state->energy[which][0] + state->energy[which][1]) / frames;
  state->energy[which][0] = state->energy[which][1] = 0;
  return bin;
}

static double mean_of_last(const double *ring, uint32_t size, uint32_t end, uint32_t count) {
  double sum = 0;
  for (uint32_t i = end + size - count; i < end + size; i++) sum += ring[i % size];
  return sum / count;
}

static uint32_t count_on(uint32_t bins, uint32_t size) { return bins + 1 < 2 * size ? bins + 1 : size; }

double agc_detector_momentary(agc_detector *state, const agc_detector_coefs *coefs) {
  for (int which = 0; which < 2; which++) state->bin[which] = close_bin(state, which, coefs->weighting.bin_frames);
  int sane = state->bin[0] <= LOUDEST && state->bin[1] <= LOUDEST; /* false for NaN */
  if (!sane) state->bin[0] = state->bin[1] = 0;
  tidy(state, sane);
  state->filled_frames = 0;
  state->momentary[state->momentary_bins % AGC_GATE_BINS] = state->bin[0];
  state->momentary_bins = count_on(state->momentary_bins, AGC_GATE_BINS);
  if (state->momentary_bins < AGC_GATE_BINS) return -1;
  return mean_of_last(state->momentary, AGC_GATE_BINS, state->momentary_bins % AGC_GATE_BINS, AGC_GATE_BINS);
}

void agc_detector_level(agc_detector *state, uint32_t bins, double power[2]) {
  uint32_t at = state->level_bins % AGC_LEVEL_BINS;
  for (int which = 0; which < 2; which++) state->level[which][at] = state->bin[which];
  state->level_bins = count_on(state->level_bins, AGC_LEVEL_BINS);
  uint32_t end = state->level_bins % AGC_LEVEL_BINS, have = state->level_bins < bins ? state->level_bins : bins;
  for (int which = 0; which < 2; which++)
    power[which] = have < AGC_GATE_BINS ? -1 : mean_of_last(state->level[which], AGC_LEVEL_BINS, end, have);
}
