#include "rotator.h"

#include <math.h>

#include "pair.h"
#include "quiet.h"
#include "ramp.h"
#include "vec.h"

static const double ROTATOR_HZ = 200;

void rotator_design(rotator_coefs *coefs, double sample_rate_hz) {
  double g = tan(3.14159265358979323846 * ROTATOR_HZ / sample_rate_hz);
  coefs->share = g / (1 + g);
}

static void forget(rotator *state) {
  for (int i = 0; i < ROTATOR_SECTIONS; i++) state->memory[i][0] = state->memory[i][1] = 0;
}

int32_t rotator_aim(rotator *state, int32_t on, uint32_t frames) {
  double target = on ? 1 : 0;
  if (on && state->wet == 0) forget(state);
  return ramp_aim(&state->wet, &state->wet_step, &target, 1, frames) != 0;
}

void rotator_land(rotator *state, int32_t on) {
  double target = on ? 1 : 0;
  ramp_land(&state->wet, &state->wet_step, &target, 1);
}

void rotator_quieten(rotator *state) { quiet_all(&state->memory[0][0], sizeof state->memory / sizeof(double)); }

INLINED void run(rotator *state, double share, double *restrict left, double *restrict right, uint32_t frames) {
  pair memory[ROTATOR_SECTIONS];
  double wet = state->wet;
  const double wet_step = state->wet_step;
  for (int i = 0; i < ROTATOR_SECTIONS; i++) memory[i] = (pair){state->memory[i][0], state->memory[i][1]};
  for (uint32_t n = 0; n < frames; n++) {
    pair dry = {left[n], right[n]}, x = dry;
    for (int i = 0; i < ROTATOR_SECTIONS; i++) {
      pair v = pair_of(share) * (x - memory[i]), low = v + memory[i];
      memory[i] = low + v;
      x = low + low - x;
    }
    wet += wet_step;
    pair y = wet == 1 ? x : dry + pair_of(wet) * (x - dry);
    left[n] = y[0], right[n] = y[1];
  }
  state->wet = wet;
  for (int i = 0; i < ROTATOR_SECTIONS; i++) state->memory[i][0] = memory[i][0], state->memory[i][1] = memory[i][1];
}

VECTORISED static void rotate(rotator *state, double share, double *left, double *right, uint32_t frames) {
  run(state, share, left, right, frames);
}

static int32_t is_sane(const rotator *state) {
  for (int i = 0; i < ROTATOR_SECTIONS; i++)
    for (int channel = 0; channel < 2; channel++)
      if (!(state->memory[i][channel] < 1e15 && state->memory[i][channel] > -1e15)) return 0;
  return 1;
}

void rotator_process(rotator *state, const rotator_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (state->wet == 0 && state->wet_step == 0) return;
  rotate(state, coefs->share, left, right, frames);
  if (!is_sane(state)) forget(state);
}
