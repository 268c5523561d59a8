#include "agc.h"

#include "agc_law.h"
#include "decibel.h"
#include "pair.h"
#include "quiet.h"
#include "ramp.h"
#include "vec.h"

enum { GAIN, BEND, PATH };

static const double DAMPING[2] = {1.8477590650225735, 0.76536686473017954}; /* 1/Q of a Butterworth filter of order 4 */
static const double IDENTITY[PATH] = {1, 0};

void agc_reset(agc *state) { *state = (agc){.path = {1, 0}, .level_lufs = DECIBEL_FLOOR}; }

void agc_recall(agc *state, const double gain_db[2]) {
  for (int band = 0; band < 2; band++)
    if (gain_db[band] >= -200 && gain_db[band] <= 200) state->gain_db[band] = gain_db[band];
}

/* ---- on, off ---- */

static void target_path(double path[PATH], const agc *state) {
  path[GAIN] = amplitude_of_decibel(state->applied_db[AGC_MASTER]);
  path[BEND] = amplitude_of_decibel((state->applied_db[AGC_BASS] - state->applied_db[AGC_MASTER]) / 4) - 1;
}

static void aim_path(agc *state, const double target[PATH], uint32_t frames) {
  state->path_left_frames = ramp_aim(state->path, state->path_step, target, PATH, frames);
}

static void forget_level(agc *state) {
  state->detector = (agc_detector){0};
  state->level_lufs = DECIBEL_FLOOR;
  state->frozen = 1, state->frozen_bins = 0, state->travelling[0] = state->travelling[1] = 0;
}

static void wake(agc *state, const agc_coefs *coefs) {
  double target[PATH];
  forget_level(state);
  for (int i = 0; i < 8; i++) (&state->memory[0][0][0])[i] = 0;
  agc_law_start(state, coefs);
  target_path(target, state);
  aim_path(state, target, 0);
  ramp_aim(&state->corner, &state->corner_step, &coefs->detector.corner, 1, 0);
  state->corner_left_frames = 0;
  state->awake = 1;
}

static void fall_asleep(agc *state) {
  state->awake = state->fading = state->frozen = 0;
  state->level_lufs = DECIBEL_FLOOR;
}

static void fade_out(agc *state, uint32_t frames) {
  for (int band = 0; band < 2; band++) state->gain_db[band] = state->applied_db[band] = 0;
  if (!state->awake || (state->fading && state->path_left_frames)) return;
  aim_path(state, IDENTITY, frames);
  if (state->path_left_frames) state->fading = 1;
  else fall_asleep(state);
}

/* Switched on again while it fades out, it first arrives at 0 dB. */
static void follow(agc *state, const agc_coefs *coefs) {
  uint32_t least = coefs->least_ramp_frames, frames = coefs->change.ramp_frames > least ? coefs->change.ramp_frames : least;
  state->serial = coefs->change.serial;
  if (!coefs->on) fade_out(state, frames);
  else if (!state->awake) wake(state, coefs);
  if (state->awake) state->corner_left_frames = ramp_aim(&state->corner, &state->corner_step, &coefs->detector.corner, 1, frames);
}

/* ---- the sound ---- */

typedef struct {
  pair s1, s2;
} section;

INLINED pair pair_load(const double both[2]) { return (pair){both[0], both[1]}; }
INLINED void pair_store(double both[2], pair value) { both[0] = value[0], both[1] = value[1]; }

INLINED pair section_tick(section *s, double g, double k, double bend, pair x) {
  double a1 = 1 / (1 + g * (g + k)), a2 = g * a1, a3 = g * a2;
  pair v3 = x - s->s2, v1 = pair_of(a1) * s->s1 + pair_of(a2) * v3, v2 = s->s2 + pair_of(a2) * s->s1 + pair_of(a3) * v3;
  s->s1 = v1 + v1 - s->s1, s->s2 = v2 + v2 - s->s2;
  return x + pair_of(bend * k) * v1 + pair_of(bend * (bend + 2)) * v2;
}

INLINED void run(agc *state, double *restrict left, double *restrict right, uint32_t frames, int corner_moves) {
  section first = {pair_load(state->memory[0][0]), pair_load(state->memory[0][1])};
  section second = {pair_load(state->memory[1][0]), pair_load(state->memory[1][1])};
  double gain = state->path[GAIN], bend = state->path[BEND], corner = state->corner;
  const double gain_step = state->path_step[GAIN], bend_step = state->path_step[BEND], corner_step = state->corner_step;
  for (uint32_t n = 0; n < frames; n++) {
    gain += gain_step, bend += bend_step;
    if (corner_moves) corner += corner_step;
    pair y = section_tick(&first, corner, DAMPING[0], bend, (pair){left[n], right[n]});
    y = pair_of(gain) * section_tick(&second, corner, DAMPING[1], bend, y);
    left[n] = y[0], right[n] = y[1];
  }
  pair_store(state->memory[0][0], first.s1), pair_store(state->memory[0][1], first.s2);
  pair_store(state->memory[1][0], second.s1), pair_store(state->memory[1][1], second.s2);
  state->path[GAIN] = gain, state->path[BEND] = bend, state->corner = corner;
}

VECTORISED static void run_settled(agc *state, double *left, double *right, uint32_t frames) {
  run(state, left, right, frames, 0);
}

VECTORISED static void run_gliding(agc *state, double *left, double *right, uint32_t frames) {
  run(state, left, right, frames, 1);
}

/* ---- stretches: none reaches beyond the end of a bin or of a ramp ---- */

static uint32_t stretch_frames(const agc *state, const agc_coefs *coefs, uint32_t frames) {
  uint32_t room = coefs->detector.weighting.bin_frames - state->detector.filled_frames;
  if (room < frames) frames = room;
  frames = ramp_span(state->path_left_frames, frames);
  return ramp_span(state->corner_left_frames, frames);
}

static void land(agc *state, const agc_coefs *coefs, uint32_t frames) {
  double target[PATH];
  if (state->path_left_frames && !(state->path_left_frames -= frames)) {
    target_path(target, state);
    ramp_land(state->path, state->path_step, state->fading ? IDENTITY : target, PATH);
    if (state->fading && !coefs->on) fall_asleep(state);
    state->fading = 0;
  }
  if (state->corner_left_frames && !(state->corner_left_frames -= frames))
    ramp_land(&state->corner, &state->corner_step, &coefs->detector.corner, 1);
}

static void end_bin(agc *state, const agc_coefs *coefs) {
  double target[PATH];
  quiet_all(&state->memory[0][0][0], sizeof state->memory / sizeof(double));
  agc_law_move(state, coefs);
  if (state->fading) return;
  target_path(target, state);
  aim_path(state, target, coefs->detector.weighting.bin_frames);
}

static void heal(agc *state) {
  double *memory = &state->memory[0][0][0];
  for (int i = 0; i < 8; i++)
    if (!(memory[i] < 1e15 && memory[i] > -1e15)) {
      for (int each = 0; each < 8; each++) memory[each] = 0;
      return;
    }
}

void agc_process(agc *state, const agc_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (state->serial != coefs->change.serial) follow(state, coefs);
  while (frames && state->awake) {
    uint32_t n = stretch_frames(state, coefs, frames);
    agc_detector_process(&state->detector, &coefs->detector, left, right, n);
    if (state->corner_left_frames) run_gliding(state, left, right, n);
    else run_settled(state, left, right, n);
    land(state, coefs, n);
    if (state->awake && state->detector.filled_frames == coefs->detector.weighting.bin_frames) end_bin(state, coefs);
    left += n, right += n, frames -= n;
  }
  heal(state);
}
