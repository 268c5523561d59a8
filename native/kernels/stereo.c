#include "stereo.h"

#include "pair.h"
#include "quiet.h"
#include "ramp.h"
#include "vec.h"

enum { LAW = sizeof(stereo_law) / sizeof(double) };

#define DAMPING 1.4142135623730951 /* Butterworth, second order: two in series are Linkwitz-Riley */

void stereo_reset(stereo *state) { *state = (stereo){0}; }

static void forget(double *memory, int count) {
  for (int i = 0; i < count; i++) memory[i] = 0;
}

static void forget_mono(stereo *state) { forget(&state->mono_memory[0][0][0], sizeof state->mono_memory / sizeof(double)); }
static void forget_bands(stereo *state) { forget(&state->band_memory[0][0][0], sizeof state->band_memory / sizeof(double)); }

static void follow(stereo *state, const stereo_coefs *coefs) {
  uint32_t least = coefs->least_ramp_frames, frames = coefs->change.ramp_frames > least ? coefs->change.ramp_frames : least;
  if (!state->serial) frames = 0;
  state->serial = coefs->change.serial;
  if (state->now.mono_bass == 0) forget_mono(state), state->now.corner[0] = coefs->law.corner[0];
  if (state->now.banded == 0) {
    forget_bands(state);
    for (int i = 1; i < 3; i++) state->now.corner[i] = coefs->law.corner[i];
    for (int i = 0; i < 3; i++) state->now.width[i] = coefs->law.width[i];
  }
  state->left_frames = ramp_aim((double *)&state->now, (double *)&state->step, (const double *)&coefs->law, LAW, frames);
}

/* One trapezoidal state-variable filter on a pair of lanes: v1 band-pass, v2 low-pass, high-pass x - k v1 - v2. */
typedef struct {
  pair s1, s2, v1, v2;
} filter;

INLINED filter filter_load(double memory[2][2]) {
  return (filter){.s1 = {memory[0][0], memory[0][1]}, .s2 = {memory[1][0], memory[1][1]}};
}

INLINED void filter_store(double memory[2][2], const filter *f) {
  for (int lane = 0; lane < 2; lane++) memory[0][lane] = f->s1[lane], memory[1][lane] = f->s2[lane];
}

INLINED void filter_tick(filter *f, double g, pair x) {
  double a1 = 1 / (1 + g * (g + DAMPING)), a2 = g * a1, a3 = g * a2;
  pair v3 = x - f->s2;
  f->v1 = pair_of(a1) * f->s1 + pair_of(a2) * v3;
  f->v2 = f->s2 + pair_of(a2) * f->s1 + pair_of(a3) * v3;
  f->s1 = f->v1 + f->v1 - f->s1, f->s2 = f->v2 + f->v2 - f->s2;
}

INLINED pair all_pass(const filter *f, pair x) { return x - pair_of(2 * DAMPING) * f->v1; }
INLINED pair high_pass(const filter *f, pair x) { return x - pair_of(DAMPING) * f->v1 - f->v2; }
INLINED pair toward(pair dry, pair wet, double share) { return share == 1 ? wet : dry + pair_of(share) * (wet - dry); }

/* Mid through the all-pass, side through both halves of the high-pass. */
INLINED pair mono_bass_tick(filter f[2], const stereo_law *now, pair x) {
  filter_tick(&f[0], now->corner[0], x);
  pair half = high_pass(&f[0], x);
  filter_tick(&f[1], now->corner[0], half);
  pair wet = {all_pass(&f[0], x)[0], high_pass(&f[1], half)[1]};
  return toward(x, wet, now->mono_bass);
}

/* With P = LP^2 and A = LP^2 + HP^2 of a corner, the three bands of the side are
 *     low = A2 P1,  mid = P2 (A1 - P1),  high = (A2 - P2) (A1 - P1)
 * and their weighted sum is A2 (low width P1 + high width (A1 - P1)) + (mid width - high width) P2 (A1 - P1). */
INLINED pair bands_tick(filter f[5], const stereo_law *now, pair x) {
  filter_tick(&f[0], now->corner[1], x);
  pair all = all_pass(&f[0], x);
  filter_tick(&f[1], now->corner[1], f[0].v2);
  pair rest = all - f[1].v2;
  filter_tick(&f[2], now->corner[2], (pair){all[0], now->width[0] * f[1].v2[1] + now->width[2] * rest[1]});
  pair sum = all_pass(&f[2], (pair){all[0], now->width[0] * f[1].v2[1] + now->width[2] * rest[1]});
  filter_tick(&f[3], now->corner[2], rest);
  filter_tick(&f[4], now->corner[2], f[3].v2);
  sum[1] += (now->width[1] - now->width[2]) * f[4].v2[1];
  return toward(x, sum, now->banded);
}

INLINED void run(stereo *state, double *restrict left, double *restrict right, uint32_t frames, int moving, int mono, int bands) {
  stereo_law now = state->now;
  const stereo_law step = state->step;
  filter m[2], b[5];
  for (int i = 0; i < 2; i++) m[i] = filter_load(state->mono_memory[i]);
  for (int i = 0; i < 5; i++) b[i] = filter_load(state->band_memory[i]);
  for (uint32_t n = 0; n < frames; n++) {
    if (moving) ramp_advance((double *)&now, (const double *)&step, LAW);
    pair x = {0.5 * (left[n] + right[n]), 0.5 * (left[n] - right[n])};
    if (mono) x = mono_bass_tick(m, &now, x);
    if (bands) x = bands_tick(b, &now, x);
    double mid = now.mid * x[0], side = now.side * x[1];
    left[n] = now.left * (mid + side), right[n] = now.right * (mid - side);
  }
  for (int i = 0; i < 2; i++) filter_store(state->mono_memory[i], &m[i]);
  for (int i = 0; i < 5; i++) filter_store(state->band_memory[i], &b[i]);
  state->now = now;
}

VECTORISED static void run_gliding(stereo *state, double *left, double *right, uint32_t frames, int mono, int bands) {
  run(state, left, right, frames, 1, mono, bands);
}

VECTORISED static void run_settled(stereo *state, double *left, double *right, uint32_t frames, int mono, int bands) {
  run(state, left, right, frames, 0, mono, bands);
}

static int is_neutral(const stereo *state) {
  const stereo_law *now = &state->now;
  return !state->left_frames && now->left == 1 && now->right == 1 && now->mid == 1 && now->side == 1 && now->mono_bass == 0 &&
         now->banded == 0;
}

static void process_stretch(stereo *state, double *left, double *right, uint32_t frames) {
  int mono = state->now.mono_bass != 0 || state->step.mono_bass != 0, bands = state->now.banded != 0 || state->step.banded != 0;
  if (is_neutral(state)) return;
  if (state->left_frames) run_gliding(state, left, right, frames, mono, bands);
  else run_settled(state, left, right, frames, mono, bands);
}

static void quieten(stereo *state) {
  quiet_all(&state->mono_memory[0][0][0], sizeof state->mono_memory / sizeof(double));
  quiet_all(&state->band_memory[0][0][0], sizeof state->band_memory / sizeof(double));
}

static int is_sane(const double *memory, int count) {
  for (int i = 0; i < count; i++)
    if (!(memory[i] < 1e15 && memory[i] > -1e15)) return 0;
  return 1;
}

void stereo_process(stereo *state, const stereo_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (state->serial != coefs->change.serial) follow(state, coefs);
  while (frames) {
    uint32_t n = quiet_span(state->clock_frames, ramp_span(state->left_frames, frames));
    process_stretch(state, left, right, n);
    if (state->left_frames && !(state->left_frames -= n))
      ramp_land((double *)&state->now, (double *)&state->step, (const double *)&coefs->law, LAW);
    if (quiet_is_due(state->clock_frames += n)) quieten(state);
    left += n, right += n, frames -= n;
  }
  if (!is_sane(&state->mono_memory[0][0][0], sizeof state->mono_memory / sizeof(double))) forget_mono(state);
  if (!is_sane(&state->band_memory[0][0][0], sizeof state->band_memory / sizeof(double))) forget_bands(state);
}
