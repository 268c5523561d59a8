#include "compressor.h"

#include "decibel.h"
#include "knee.h"
#include "vec.h"

enum { CHUNK = 64, MASK = COMPRESSOR_DELAY_FRAMES - 1 };
enum { LAW_NUMBERS = sizeof(compressor_law) / sizeof(double) };

/* Keeps every recursion away from denormals: -400 dB of power, and a reduction that rounds to a gain of exactly 1. */
static const double QUIET_POWER = 1e-40, QUIET_REDUCTION_DB = 1e-30, QUIET_STATE = 1e-30;
static const double LOUDEST = 1e12; /* +240 dBFS: beyond it, and NaN, is no sound */

/* The law at frame n of a chunk; `from`, `span` and the ramp's position `u` are local copies, so that loops can keep them in registers. */
#define NOW(number) (from.number + span.number * u[n])

void compressor_reset(compressor *state) { *state = (compressor){0}; }

/* ---- the ramp ---- */

static double s_curve(double t) { return t * t * t * (t * (6 * t - 15) + 10); }

static double ramp_position(const compressor *state, uint32_t frames_on) {
  if (!state->ramp_left_frames) return 0;
  return s_curve((double)(state->ramp_frames - state->ramp_left_frames + frames_on) / state->ramp_frames);
}

static void follow(compressor *state, const compressor_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  double u = ramp_position(state, 0);
  double *from = (double *)&state->from, *span = (double *)&state->span;
  const double *to = (const double *)&coefs->law;
  for (int i = 0; i < LAW_NUMBERS; i++) {
    from[i] = frames ? from[i] + span[i] * u : to[i];
    span[i] = to[i] - from[i];
  }
  state->serial = coefs->change.serial;
  state->ramp_frames = state->ramp_left_frames = frames;
}

static void advance(compressor *state, const compressor_coefs *coefs, uint32_t frames) {
  state->clock_frames += frames;
  if (!state->ramp_left_frames) return;
  state->ramp_left_frames -= frames;
  if (state->ramp_left_frames) return;
  state->from = coefs->law;
  state->span = (compressor_law){0};
}

/* Ends where a ramp does and where the delay wraps, so that the law is settled or moving for a whole chunk. */
static uint32_t chunk_frames(const compressor *state, uint32_t left_to_do) {
  uint32_t frames = CHUNK - state->clock_frames % CHUNK;
  if (state->ramp_left_frames && state->ramp_left_frames < frames) frames = state->ramp_left_frames;
  return left_to_do < frames ? left_to_do : frames;
}

/* ---- the delay ---- */

static void delay_write(double *restrict delay, uint32_t at, const double *restrict in, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) delay[(at & MASK) + n] = in[n];
}

static void delay_read(double *restrict out, const double *restrict delay, uint32_t at, uint32_t frames) {
  uint32_t before_wrap = COMPRESSOR_DELAY_FRAMES - (at & MASK);
  uint32_t first = before_wrap < frames ? before_wrap : frames;
  for (uint32_t n = 0; n < first; n++) out[n] = delay[(at & MASK) + n];
  for (uint32_t n = first; n < frames; n++) out[n] = delay[n - first];
}

/* While look-ahead moves: between two frames, linearly. The delay may wind back or forward by some frames a frame; nothing jumps. */
static void delay_read_moving(const compressor *state, const double *u, double *out, const double *delay, uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  for (uint32_t n = 0; n < frames; n++) {
    double frames_ago = NOW(detector_delay_frames);
    uint32_t whole = (uint32_t)frames_ago, at = state->clock_frames + n - whole;
    double fraction = frames_ago - whole, newer = delay[at & MASK], older = delay[(at - 1) & MASK];
    out[n] = fraction > 0 ? newer + fraction * (older - newer) : newer;
  }
}

static void side_chain_read(const compressor *state, const double *u, double *out, int channel, uint32_t frames) {
  const double *delay = state->delay[channel];
  if (state->span.detector_delay_frames != 0) {
    delay_read_moving(state, u, out, delay, frames);
  } else {
    delay_read(out, delay, state->clock_frames - (uint32_t)state->from.detector_delay_frames, frames);
  }
  for (uint32_t n = 0; n < frames; n++)
    out[n] = double_of_bits(bits_of_double(out[n]) & 0x7fffffffffffffff) < LOUDEST ? out[n] : 0;
}

/* ---- the side-chain ---- */

/* One SVF section, high-pass: x - share (k band + low). */
static double high_pass_tick(double state[2], double x, double g, double k, double share) {
  double a1 = 1 / (1 + g * (g + k)), a2 = g * a1;
  double v3 = x - state[1], band = a1 * state[0] + a2 * v3, low = state[1] + a2 * state[0] + g * a2 * v3;
  state[0] = 2 * band - state[0];
  state[1] = 2 * low - state[1];
  return x - share * (k * band + low);
}

static int high_pass_runs(const compressor *state) {
  return state->from.high_pass_share[0] != 0 || state->span.high_pass_share[0] != 0;
}

static void high_pass(compressor *state, const double *u, double side[2][CHUNK], uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  for (uint32_t n = 0; n < frames; n++) {
    for (int section = 0; section < 2; section++) {
      double g = NOW(high_pass_g), k = NOW(high_pass_k[section]), share = NOW(high_pass_share[section]);
      for (int channel = 0; channel < 2; channel++) {
        side[channel][n] = high_pass_tick(state->detector[channel].high_pass[section], side[channel][n], g, k, share);
      }
    }
  }
}

static void high_pass_rest(compressor_detector *detector) {
  for (int section = 0; section < 2; section++) detector->high_pass[section][0] = detector->high_pass[section][1] = 0;
}

/* Turns samples into power: the square, its running mean, or something between while the detector changes. */
static void measure_power(compressor *state, const double *u, double side[2][CHUNK], uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  double mean[2] = {state->detector[0].mean_square, state->detector[1].mean_square};
  for (uint32_t n = 0; n < frames; n++) {
    double step = NOW(rms_step), share = NOW(rms_share);
    for (int channel = 0; channel < 2; channel++) {
      double power = side[channel][n] * side[channel][n] + QUIET_POWER;
      mean[channel] = (1 - step) * mean[channel] + step * power;
      side[channel][n] = (1 - share) * power + share * mean[channel];
    }
  }
  state->detector[0].mean_square = mean[0];
  state->detector[1].mean_square = mean[1];
}

/* Turns power into the reduction that the static curve asks for, linked. */
VECTORISED static void wanted_reduction(const compressor *state, const double *restrict u, double *restrict left,
                                        double *restrict right, uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  for (uint32_t n = 0; n < frames; n++) {
    double threshold_db = NOW(threshold_db), slope = NOW(slope), knee_db = NOW(knee_db), range_db = NOW(range_db),
           link = NOW(link);
    double own_left = smaller(knee_reduction_db(decibel_of_power(left[n]) - threshold_db, slope, knee_db), range_db);
    double own_right = smaller(knee_reduction_db(decibel_of_power(right[n]) - threshold_db, slope, knee_db), range_db);
    double both = link * larger(own_left, own_right) + QUIET_REDUCTION_DB;
    left[n] = (1 - link) * own_left + both;
    right[n] = (1 - link) * own_right + both;
  }
}

/* ---- attack and release ---- */

static double toward(double value, double target, double step) { return (1 - step) * value + step * target; }

typedef struct {
  double attack, fall, release, slow, share; /* the law's, at one frame */
} steps;

/* Where a direction decides between two steps the larger or smaller result is the right one: no branch. */
static double smooth(compressor_detector *d, double wanted_db, const steps *now, double hold_step, double charge_step) {
  d->fast_db = larger(wanted_db, toward(d->fast_db, wanted_db, now->release));
  d->held_db = larger(wanted_db, toward(d->held_db, wanted_db, hold_step));
  d->slow_db = larger(toward(d->slow_db, d->held_db, charge_step), toward(d->slow_db, d->held_db, now->slow));
  double target_db = larger(d->fast_db, now->share * d->slow_db);
  d->smooth_db = smaller(toward(d->smooth_db, target_db, now->attack), toward(d->smooth_db, target_db, now->fall));
  return d->smooth_db;
}

/* Turns the wanted reduction into the one that is applied, and keeps the largest for the meters. */
static void smooth_reduction(compressor *state, const compressor_coefs *coefs, const double *u, double reduction[2][CHUNK],
                             uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  const double hold_step = coefs->hold_step, charge_step = coefs->charge_step;
  compressor_detector detector[2] = {state->detector[0], state->detector[1]};
  double largest_db[2] = {state->reduction_db[0], state->reduction_db[1]};
  for (uint32_t n = 0; n < frames; n++) {
    steps now = {NOW(attack_step), NOW(fall_step), NOW(release_step), NOW(auto_release_step), NOW(auto_share)};
    for (int channel = 0; channel < 2; channel++) {
      reduction[channel][n] = smooth(&detector[channel], reduction[channel][n], &now, hold_step, charge_step);
      largest_db[channel] = larger(largest_db[channel], NOW(active) * reduction[channel][n]);
    }
  }
  for (int channel = 0; channel < 2; channel++) {
    state->detector[channel] = detector[channel];
    state->reduction_db[channel] = largest_db[channel];
  }
}

VECTORISED static void apply(const compressor *state, const double *restrict u, const double *restrict reduction_db,
                             double *restrict audio, uint32_t frames) {
  const compressor_law from = state->from, span = state->span;
  for (uint32_t n = 0; n < frames; n++) {
    audio[n] *= 1 + NOW(mix) * (amplitude_of_decibel(NOW(makeup_db) - reduction_db[n]) - 1);
  }
}

/* ---- all of it ---- */

/* A decaying filter state would become denormal; at fixed frames, so that the block size does not matter. */
static void drop_denormals(compressor *state) {
  for (int channel = 0; channel < 2; channel++) {
    for (int i = 0; i < 4; i++) {
      double *value = &state->detector[channel].high_pass[i / 2][i % 2];
      if (*value < QUIET_STATE && *value > -QUIET_STATE) *value = 0;
    }
  }
}

static void process_chunk(compressor *state, const compressor_coefs *coefs, double *audio[2], uint32_t frames) {
  double u[CHUNK], side[2][CHUNK];
  for (uint32_t n = 0; n < frames; n++) u[n] = ramp_position(state, n + 1);
  for (int channel = 0; channel < 2; channel++) {
    delay_write(state->delay[channel], state->clock_frames, audio[channel], frames);
    delay_read(audio[channel], state->delay[channel], state->clock_frames - coefs->latency_frames, frames);
    side_chain_read(state, u, side[channel], channel, frames);
  }
  if (high_pass_runs(state)) high_pass(state, u, side, frames);
  else high_pass_rest(&state->detector[0]), high_pass_rest(&state->detector[1]);
  measure_power(state, u, side, frames);
  wanted_reduction(state, u, side[0], side[1], frames);
  smooth_reduction(state, coefs, u, side, frames);
  apply(state, u, side[0], audio[0], frames);
  apply(state, u, side[1], audio[1], frames);
  advance(state, coefs, frames);
  if (state->clock_frames % CHUNK == 0) drop_denormals(state);
}

void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  for (uint32_t done = 0; done < frames;) {
    double *audio[2] = {left + done, right + done};
    uint32_t now = chunk_frames(state, frames - done);
    process_chunk(state, coefs, audio, now);
    done += now;
  }
}
