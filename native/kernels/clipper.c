#include "clipper.h"

#include <math.h>
#include <string.h>

#include "decibel.h"
#include "oversample.h"
#include "ramp.h"
#include "vec.h"

enum { PAST = CLIPPER_PAST_FRAMES, FIR = CLIPPER_FIR_FRAMES, SHORT = CLIPPER_SHORT_FRAMES, BLOCK = CLIPPER_BLOCK_FRAMES };
enum { PHASES = CLIPPER_PHASES, SETTINGS = sizeof(clipper_settings) / sizeof(double) };
static const double LOUDEST = 0x1p20; /* above +120 dBFS a sample is a fault, not a signal */
static const double NARROWEST_BEND = 1e-9;
static const double SHORTEST_LINE =
    1e-6; /* below it the middle of a line is closer to its mean than the quotient of two differences */

/* What each frame of a block is clipped with. */
typedef struct {
  double drive[BLOCK], threshold[BLOCK], softness[BLOCK], wet[BLOCK];
} block_settings;

void clipper_reset(clipper *state) { *state = (clipper){.rest_frames = PAST, .asleep = 1}; }

/* ---- settings ---- */

static void follow(clipper *state, const clipper_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  if (state->rest_frames == PAST) { /* nothing of the old bend is left to be heard */
    state->now = (clipper_settings){1, coefs->settings.threshold, coefs->settings.softness, 0};
    state->asleep = 1;
  }
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  state->ramp_left_frames = ramp_aim(&state->now.drive, &state->step.drive, &coefs->settings.drive, SETTINGS, frames);
  state->serial = coefs->change.serial;
}

static int is_off(const clipper *state) { return !state->ramp_left_frames && state->now.wet == 0 && state->now.drive == 1; }

/* Counted in frames, so that it does not matter how they are cut into blocks. */
static void count_rest(clipper *state, uint32_t frames) {
  uint32_t rest = is_off(state) ? state->rest_frames + frames : 0;
  state->rest_frames = rest < PAST ? rest : PAST;
}

static void walk(clipper *state, const clipper_coefs *coefs, block_settings *s, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    if (state->ramp_left_frames) {
      ramp_advance(&state->now.drive, &state->step.drive, SETTINGS);
      if (!--state->ramp_left_frames) ramp_land(&state->now.drive, &state->step.drive, &coefs->settings.drive, SETTINGS);
    }
    count_rest(state, 1);
    s->drive[n] = state->now.drive, s->threshold[n] = state->now.threshold;
    s->softness[n] = state->now.softness, s->wet[n] = state->now.wet;
  }
}

/* ---- what is taken away, in thresholds: r and its integral R; half = half the width of the bend ---- */

typedef struct {
  double half, begin, end, per_width;
} bend;

OVERSAMPLE_INLINE bend bend_of(double softness) {
  double width = 2 * softness;
  return (bend){softness, 1 - softness, 1 + softness, 1 / (width > NARROWEST_BEND ? width : NARROWEST_BEND)};
}

OVERSAMPLE_INLINE double along_bend(const bend *b, double size) {
  double u = (size - b->begin) * b->per_width;
  u = u > 0 ? u : 0;
  return u < 1 ? u : 1;
}

OVERSAMPLE_INLINE double beyond_bend(const bend *b, double size) { return size > b->end ? size - b->end : 0; }

OVERSAMPLE_INLINE double residual_of(const bend *b, double x) {
  double size = fabs(x), u = along_bend(b, size);
  return copysign(2 * b->half * (u * u * u) * (1 - 0.5 * u) + beyond_bend(b, size), x);
}

OVERSAMPLE_INLINE double integral_of(const bend *b, double x) {
  double size = fabs(x), u = along_bend(b, size), v = beyond_bend(b, size), width = 2 * b->half, u2 = u * u;
  return width * (width * (u2 * u2) * (0.25 - 0.1 * u) + 0.5 * v) + 0.5 * (v * v);
}

OVERSAMPLE_INLINE double mean_residual(const bend *b, double from, double to, double integral_from, double integral_to) {
  double line = to - from, middle = residual_of(b, 0.5 * (from + to));
  int is_long = fabs(line) > SHORTEST_LINE;
  double mean = (integral_to - integral_from) / (is_long ? line : 1);
  return is_long ? mean : middle;
}

/* Returns the largest |x|. The frame's points are x[0] .. x[3], the next frame's first is x0[n + 1]. */
OVERSAMPLE_INLINE float take_away(float *residual[PHASES], const double *softness, const float *x0, const float *x1,
                                  const float *x2, const float *x3, uint32_t frames) {
  float most = 0;
  for (uint32_t n = 0; n < frames; n++) {
    bend b = bend_of(softness[n]);
    double x[PHASES + 1] = {(double)x0[n], (double)x1[n], (double)x2[n], (double)x3[n], (double)x0[n + 1]};
    double r0 = integral_of(&b, x[0]), r1 = integral_of(&b, x[1]), r2 = integral_of(&b, x[2]), r3 = integral_of(&b, x[3]);
    residual[0][n] = (float)mean_residual(&b, x[0], x[1], r0, r1);
    residual[1][n] = (float)mean_residual(&b, x[1], x[2], r1, r2);
    residual[2][n] = (float)mean_residual(&b, x[2], x[3], r2, r3);
    residual[3][n] = (float)mean_residual(&b, x[3], x[4], r3, integral_of(&b, x[4]));
  }
  for (uint32_t n = 0; n < frames; n++) {
    float a = fabsf(x0[n]), c = fabsf(x1[n]), d = fabsf(x2[n]), e = fabsf(x3[n]);
    a = a > c ? a : c, d = d > e ? d : e, a = a > d ? a : d;
    most = a > most ? a : most;
  }
  return most;
}

/* ---- rates ---- */

/* Middle of four interleaved sequences, between point `first - 1` and point `first` of the frame. */
OVERSAMPLE_INLINE void join(float *y, float *const phase[PHASES], int first, const float *taps, int pairs) {
  oversample_sums sum = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k++) {
    unsigned after = (unsigned)(first + k) + 4 * PHASES, before = (unsigned)(first - 1 - k) + 4 * PHASES;
    oversample_tap(&sum, taps[k], phase[before % PHASES] + (int)(before / PHASES) - 4,
                   phase[after % PHASES] + (int)(after / PHASES) - 4);
  }
  oversample_store(y, &sum);
}

/* From the block in `sample` to the block in `at_frame` and `at_half`, `late` frames older. Whole groups: what lies past `frames` is
 * computed from old numbers and never used. */
VECTORISED static float clip_block(clipper_channel *c, const clipper_coefs *coefs, const double *softness, uint32_t frames) {
  float quarter[BLOCK], three_quarter[BLOCK], *residual[PHASES], *joined[PHASES];
  int between_late = coefs->between_pairs / 2, join_late = coefs->join_pairs / 4;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP)
    oversample_midpoints(c->half + SHORT + n, c->sample + FIR - coefs->pairs + n, coefs->half, coefs->pairs);
  const float *sample = c->sample + FIR - coefs->pairs - between_late, *half = c->half + SHORT - between_late;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) {
    oversample_between(quarter + n, sample + n, half + n, coefs->between, coefs->between_pairs);
    oversample_between(three_quarter + n, half + n, sample + 1 + n, coefs->between, coefs->between_pairs);
  }
  for (int i = 0; i < PHASES; i++) residual[i] = c->residual[i] + SHORT;
  float most = take_away(residual, softness, sample, quarter, half, three_quarter, frames);
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) {
    for (int i = 0; i < PHASES; i++) joined[i] = residual[i] - join_late + n;
    join(c->at_frame + FIR + n, joined, 0, coefs->join, coefs->join_pairs);
    join(c->at_half + FIR + n, joined, 2, coefs->join, coefs->join_pairs);
  }
  return most;
}

VECTORISED static void scale(clipper_channel *c, const double *threshold, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) c->sample[FIR + n] = (float)(c->driven[PAST + n] / threshold[n]);
}

VECTORISED static void leave(const clipper *state, const clipper_channel *c, const clipper_coefs *coefs, const double *wet,
                             double *samples, uint32_t frames) {
  float middle[BLOCK];
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP)
    oversample_midpoints(middle + n, c->at_half + FIR - coefs->pairs + n, coefs->half, coefs->pairs);
  const float *at_frame = c->at_frame + FIR - coefs->pairs + 1;
  const double *driven = c->driven + PAST - coefs->latency_frames, *threshold = state->threshold + PAST - coefs->latency_frames;
  for (uint32_t n = 0; n < frames; n++)
    samples[n] = driven[n] - wet[n] * threshold[n] * (0.5 * ((double)at_frame[n] + (double)middle[n]));
}

/* ---- one block ---- */

static void enter(clipper_channel *c, const double *samples, const double *drive, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double x = samples[n] * drive[n];
    c->driven[PAST + n] = fabs(x) < LOUDEST ? x : 0;
  }
}

static void forget_floats(float *values, uint32_t past, uint32_t frames) {
  memmove(values, values + frames, past * sizeof(float));
}

static void forget_filters(clipper_channel *c, uint32_t frames) {
  forget_floats(c->sample, FIR, frames);
  forget_floats(c->half, SHORT, frames);
  for (int i = 0; i < PHASES; i++) forget_floats(c->residual[i], SHORT, frames);
  forget_floats(c->at_frame, FIR, frames);
  forget_floats(c->at_half, FIR, frames);
}

static void forget_past(clipper *state, uint32_t frames) {
  memmove(state->threshold, state->threshold + frames, PAST * sizeof(double));
  for (int i = 0; i < 2; i++) memmove(state->channel[i].driven, state->channel[i].driven + frames, PAST * sizeof(double));
}

static void note_reduction(clipper *state, const block_settings *s, float most, uint32_t frames) {
  bend b = bend_of(s->softness[frames - 1]);
  double size = (double)most, left = size - residual_of(&b, size);
  double reduction_db = left < size ? s->wet[frames - 1] * (decibel_of_amplitude(size) - decibel_of_amplitude(left)) : 0;
  if (reduction_db > state->reduction_db) state->reduction_db = reduction_db;
}

static void process_block(clipper *state, const clipper_coefs *coefs, double *samples[2], uint32_t frames) {
  block_settings s;
  float most = 0;
  walk(state, coefs, &s, frames);
  memcpy(state->threshold + PAST, s.threshold, frames * sizeof(double));
  for (int i = 0; i < 2; i++) {
    clipper_channel *c = &state->channel[i];
    enter(c, samples[i], s.drive, frames);
    scale(c, s.threshold, frames);
    float size = clip_block(c, coefs, s.softness, frames);
    most = size > most ? size : most;
    leave(state, c, coefs, s.wet, samples[i], frames);
    forget_filters(c, frames);
  }
  note_reduction(state, &s, most, frames);
  forget_past(state, frames);
}

/* ---- settled off ---- */

static void pass_block(clipper *state, const clipper_coefs *coefs, double *samples[2], uint32_t frames) {
  for (int i = 0; i < 2; i++) {
    double *driven = state->channel[i].driven;
    memcpy(driven + PAST, samples[i], frames * sizeof(double));
    memcpy(samples[i], driven + PAST - coefs->latency_frames, frames * sizeof(double));
    memmove(driven, driven + frames, PAST * sizeof(double));
  }
}

/* The filters hear the past again, as if they had never rested. */
static void wake_channel(clipper *state, const clipper_coefs *coefs, clipper_channel *c, const block_settings *s) {
  clipper_channel heard = {.driven = {0}};
  for (int at = 0; at < PAST; at += BLOCK) {
    for (int n = 0; n < BLOCK; n++) {
      double x = c->driven[at + n];
      heard.sample[FIR + n] = (float)((fabs(x) < LOUDEST ? x : 0) / state->now.threshold);
    }
    clip_block(&heard, coefs, s->softness, BLOCK);
    forget_filters(&heard, BLOCK);
  }
  memcpy(heard.driven, c->driven, sizeof heard.driven);
  *c = heard;
}

static void wake(clipper *state, const clipper_coefs *coefs) {
  block_settings s;
  for (int n = 0; n < BLOCK; n++) s.softness[n] = state->now.softness;
  for (int n = 0; n < PAST; n++) state->threshold[n] = state->now.threshold;
  for (int i = 0; i < 2; i++) wake_channel(state, coefs, &state->channel[i], &s);
  state->asleep = 0;
}

void clipper_process(clipper *state, const clipper_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  for (uint32_t done = 0; done < frames;) {
    uint32_t some = frames - done < BLOCK ? frames - done : BLOCK;
    double *samples[2] = {left + done, right + done};
    int off = state->rest_frames == PAST && is_off(state);
    if (!off && state->asleep) wake(state, coefs);
    state->asleep = off;
    if (off) pass_block(state, coefs, samples, some);
    else process_block(state, coefs, samples, some);
    done += some;
  }
}
