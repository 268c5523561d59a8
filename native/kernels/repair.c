#include "repair.h"

#include <math.h>

#include "quiet.h"
#include "ramp.h"

enum { LL, RR, LR, POWERS };
enum { MATRIX = 4 };
enum { INVERTED_BINS = 200, UPRIGHT_BINS = 100, LOST_BINS = 200, FOUND_BINS = 50 };

static const double AUDIBLE = 1e-5;   /* -50 dBFS RMS, as power */
static const double LOUDEST = 1e8;    /* +80 dBFS: no programme */
static const double LOST = 1e-4, FOUND = 1e-3, ALIKE = 0.251; /* -40, -30, -6 dB, as power */
static const double INVERTED_R = -0.7, UPRIGHT_R = 0.3;
static const double TAU_S = 0.5, BIN_S = 0.01, FADE_S = 0.05;

void repair_design(repair_coefs *coefs, double sample_rate_hz) {
  coefs->bin_frames = (uint32_t)lround(BIN_S * sample_rate_hz);
  coefs->fade_frames = (uint32_t)lround(FADE_S * sample_rate_hz);
  coefs->keep = exp(-BIN_S / TAU_S);
}

/* ---- what is wrong ---- */

/* r against a limit, without a root: the sign and the square. */
static int32_t correlation_is_below(const double power[POWERS], double polarity, double limit) {
  double sign = limit < 0 ? -1 : 1, side = sign * polarity * power[LR];
  double square = (side < 0 ? -1 : 1) * power[LR] * power[LR] - limit * limit * power[LL] * power[RR];
  return limit < 0 ? square > 0 : square < 0;
}

static double louder(const double power[POWERS]) { return power[LL] > power[RR] ? power[LL] : power[RR]; }
static double softer(const double power[POWERS]) { return power[LL] > power[RR] ? power[RR] : power[LL]; }
static void count(uint32_t *bins, int32_t goes_on) { *bins = goes_on ? *bins + 1 : 0; }

static void judge_lost(repair *state) {
  const double *bin = state->bin;
  for (int channel = 0; channel < 2; channel++) count(&state->lost_bins[channel], bin[channel] < LOST * bin[!channel]);
  count(&state->found_bins, state->lost && bin[state->lost - 1] > FOUND * bin[!(state->lost - 1)]);
  if (state->found_bins >= FOUND_BINS) state->lost = 0;
  for (int channel = 0; channel < 2; channel++)
    if (state->lost_bins[channel] >= LOST_BINS) state->lost = 1 + channel, state->lost_bins[channel] = LOST_BINS;
}

static void judge_inverted(repair *state, double polarity) {
  const double *mean = state->mean;
  int32_t alike = softer(mean) > ALIKE * louder(mean);
  count(&state->inverted_bins, !state->inverted && alike && correlation_is_below(mean, polarity, INVERTED_R));
  count(&state->upright_bins, state->inverted && !correlation_is_below(mean, polarity, UPRIGHT_R));
  if (state->inverted_bins >= INVERTED_BINS) state->inverted = 1;
  if (state->upright_bins >= UPRIGHT_BINS) state->inverted = 0;
}

static void judge(repair *state, const repair_coefs *coefs, double polarity) {
  judge_lost(state);
  if (softer(state->bin) < FOUND * louder(state->bin)) return; /* a channel that is not there correlates with nothing */
  for (int i = 0; i < POWERS; i++) state->mean[i] = quiet_or(coefs->keep * state->mean[i] + (1 - coefs->keep) * state->bin[i]);
  judge_inverted(state, polarity);
}

/* ---- how it is mended ---- */

static void aim(repair *state, double polarity, uint32_t frames) {
  double turn = state->inverted ? -1 : 1, target[2][2] = {{0, 0}, {0, turn - 1}};
  if (state->lost == 1) target[0][0] = -1, target[0][1] = turn * polarity;
  if (state->lost == 2) target[1][0] = polarity, target[1][1] = -1;
  int32_t moves = 0;
  for (int i = 0; i < MATRIX; i++) {
    double goal = state->left_frames ? (&state->goal[0][0])[i] : (&state->matrix[0][0])[i];
    moves |= (&target[0][0])[i] != goal;
  }
  if (!moves) return;
  for (int i = 0; i < MATRIX; i++) (&state->goal[0][0])[i] = (&target[0][0])[i];
  state->left_frames = ramp_aim(&state->matrix[0][0], &state->matrix_step[0][0], &target[0][0], MATRIX, frames);
}

static void land(repair *state, uint32_t frames) {
  if (state->left_frames && !(state->left_frames -= frames))
    ramp_land(&state->matrix[0][0], &state->matrix_step[0][0], &state->goal[0][0], MATRIX);
}

static int32_t at_rest(const repair *state) {
  if (state->left_frames) return 0;
  for (int i = 0; i < MATRIX; i++)
    if ((&state->matrix[0][0])[i] != 0) return 0;
  return 1;
}

static void mend(repair *state, double *left, double *right, uint32_t frames) {
  double (*m)[2] = state->matrix;
  if (at_rest(state)) return;
  for (uint32_t n = 0; n < frames; n++) {
    if (state->left_frames) ramp_advance(&m[0][0], &state->matrix_step[0][0], MATRIX);
    double to_left = (1 + m[0][0]) * left[n] + m[0][1] * right[n];
    double to_right = (1 + m[1][1]) * right[n] + m[1][0] * left[n];
    left[n] = to_left, right[n] = to_right;
  }
}

/* ---- frames and bins ---- */

static void listen(repair *state, const double *left, const double *right, uint32_t frames) {
  double ll = state->bin[LL], rr = state->bin[RR], lr = state->bin[LR];
  for (uint32_t n = 0; n < frames; n++) ll += left[n] * left[n], rr += right[n] * right[n], lr += left[n] * right[n];
  state->bin[LL] = ll, state->bin[RR] = rr, state->bin[LR] = lr;
  state->filled_frames += frames;
}

static void end_bin(repair *state, const repair_coefs *coefs, double polarity, double gain) {
  for (int i = 0; i < POWERS; i++) state->bin[i] *= gain * gain / coefs->bin_frames;
  double loud = louder(state->bin);
  int32_t sane = state->bin[LL] <= LOUDEST && state->bin[RR] <= LOUDEST; /* false for NaN */
  if (sane && loud > AUDIBLE) judge(state, coefs, polarity);
  for (int i = 0; i < POWERS; i++) state->bin[i] = 0;
  state->filled_frames = 0;
}

static void forget(repair *state) {
  state->inverted = state->lost = 0;
  state->inverted_bins = state->upright_bins = state->lost_bins[0] = state->lost_bins[1] = state->found_bins = 0;
  state->filled_frames = 0;
  for (int i = 0; i < POWERS; i++) state->bin[i] = state->mean[i] = 0;
}

void repair_process(repair *state, const repair_coefs *coefs, int32_t on, double polarity, double gain, double *left,
                    double *right, uint32_t frames) {
  if (!on) forget(state);
  while (frames) {
    aim(state, polarity, coefs->fade_frames);
    if (!on && at_rest(state)) break;
    uint32_t room = coefs->bin_frames - state->filled_frames, n = ramp_span(state->left_frames, frames < room ? frames : room);
    if (on) listen(state, left, right, n);
    mend(state, left, right, n);
    land(state, n);
    if (state->filled_frames == coefs->bin_frames) end_bin(state, coefs, polarity, gain);
    left += n, right += n, frames -= n;
  }
  state->repaired = state->lost ? REPAIR_INVERTED + state->lost : state->inverted ? REPAIR_INVERTED : REPAIR_NONE;
}
