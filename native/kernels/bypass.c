#include "bypass.h"

#include "clipper.h"
#include "compressor.h"

enum { MASK = BYPASS_FRAMES - 1 };

uint32_t bypass_latency_frames(const stream_format *format) {
  return compressor_latency_frames(format) + clipper_latency_frames(format);
}

void bypass_design(bypass_coefs *coefs, const bypass_params *params, const stream_format *format) {
  *coefs = (bypass_coefs){.dry = params->on ? 1.0 : 0.0, .latency_frames = bypass_latency_frames(format)};
}

void bypass_reset(bypass *state) { *state = (bypass){0}; }

void bypass_remember(bypass *state, const double *left, const double *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++, state->head++) {
    state->delay[0][state->head & MASK] = left[n];
    state->delay[1][state->head & MASK] = right[n];
  }
}

static void follow(bypass *state, const bypass_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  state->serial = coefs->change.serial;
  state->ramp_left_frames = frames;
  state->dry_step = frames ? (coefs->dry - state->dry) / frames : 0;
  if (!frames) state->dry = coefs->dry;
}

void bypass_process(bypass *state, const bypass_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  if (!state->ramp_left_frames && state->dry == 0) return;
  uint32_t from = state->head - frames - coefs->latency_frames;
  for (uint32_t n = 0; n < frames; n++, from++) {
    double dry_left = state->delay[0][from & MASK], dry_right = state->delay[1][from & MASK];
    if (state->ramp_left_frames) {
      state->dry += state->dry_step;
      if (!--state->ramp_left_frames) state->dry = coefs->dry;
    }
    if (state->dry == 1) {
      left[n] = dry_left, right[n] = dry_right;
    } else if (state->dry != 0) {
      left[n] += state->dry * (dry_left - left[n]);
      right[n] += state->dry * (dry_right - right[n]);
    }
  }
}
