#include "clipper.h"

#include <string.h>

#include "clipper_points.h"
#include "decibel.h"
#include "ramp.h"
#include "vec.h"

enum { PAST = CLIPPER_PAST_FRAMES, FIR = CLIPPER_FIR_FRAMES, SHORT = CLIPPER_SHORT_FRAMES, BLOCK = CLIPPER_BLOCK_FRAMES };
enum { PHASES = CLIPPER_PHASES, SETTINGS = sizeof(clipper_settings) / sizeof(double) };
static const double LOUDEST = 0x1p20; /* above +120 dBFS a sample is a fault, not a signal */

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

/* ---- rates ---- */

/* From the block in `sample` to the block in `at_frame` and `at_half`, older by the filters; returns the largest |x|. The first quarter
 * is computed a frame ahead of the other points: what it needs is there. Whole groups: what lies past `frames` is computed from old
 * numbers and never used. */
VECTORISED static float clip_block(clipper_channel *c, const clipper_coefs *coefs, const double *softness, uint32_t frames) {
  clipper_taken taken;
  int between_late = coefs->between_pairs / 2, join_late = coefs->join_pairs / 4;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP)
    oversample_midpoints(c->half + SHORT + n, c->sample + FIR - coefs->pairs + n, coefs->half, coefs->pairs);
  clipper_points x = {c->sample + FIR - coefs->pairs - between_late, c->quarter + SHORT - 1, c->half + SHORT - between_late,
                      c->three_quarter + SHORT};
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) {
    oversample_between(c->quarter + SHORT + n, x.frame + 1 + n, x.half + 1 + n, coefs->between, coefs->between_pairs);
    oversample_between(c->three_quarter + SHORT + n, x.half + n, x.frame + 1 + n, coefs->between, coefs->between_pairs);
  }
  take_away(&taken, softness, &x, frames);
  keep_taken(c, &taken, frames);
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) {
    const float *joined[PHASES];
    for (int i = 0; i < PHASES; i++) joined[i] = c->residual[i] + SHORT - join_late + n;
    join(c->at_frame + FIR + n, joined, 0, coefs->join, coefs->join_pairs);
    join(c->at_half + FIR + n, joined, 2, coefs->join, coefs->join_pairs);
  }
  return largest_point(&x, frames);
}

VECTORISED static void scale(clipper_channel *c, const double *threshold, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) c->sample[FIR + n] = (float)(c->driven[PAST + n] / threshold[n]);
}

/* The last step down, of a group of frames, `pairs` - 1 frames late either way. */
OVERSAMPLE_INLINE void step_down(float *y, const clipper_channel *c, const clipper_coefs *coefs, uint32_t n) {
  const float *at_frame = c->at_frame + FIR + n, *at_half = c->at_half + FIR + n;
  if (coefs->low_delay_pairs) oversample_low_delay(y, at_half, at_frame, coefs->low_delay, coefs->low_delay_pairs);
  else oversample_half(y, at_frame - coefs->pairs + 1, at_half - coefs->pairs, coefs->half, coefs->pairs);
}

VECTORISED static void leave(const clipper *state, const clipper_channel *c, const clipper_coefs *coefs, const double *wet,
                             double *samples, uint32_t frames) {
  float residual[BLOCK];
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP) step_down(residual + n, c, coefs, n);
  const double *driven = c->driven + PAST - coefs->latency_frames, *threshold = state->threshold + PAST - coefs->latency_frames;
  for (uint32_t n = 0; n < frames; n++) samples[n] = driven[n] - wet[n] * threshold[n] * (double)residual[n];
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
  forget_floats(c->quarter, SHORT, frames);
  forget_floats(c->three_quarter, SHORT, frames);
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
