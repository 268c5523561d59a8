#include "output.h"

#include <math.h>
#include <string.h>

#include "quantiser.h"
#include "ramp.h"
#include "random.h"

enum { TAPS = OUTPUT_TAPS };
static const uint64_t SEED = 1; /* the two channels have noises of their own, the same after every reset */

/* ---- design ---- */

static const double SHAPE_44[TAPS] = {2.412, -3.370, 3.937, -4.174, 3.353, -2.205, 1.281, -0.569, 0.0847};
static const double SHAPE_48[TAPS] = {3.1135, -4.8552, 4.3989, -1.8906, -0.795, 1.8825, -1.4607, 0.5935, -0.116};
static const double SHAPE_96[TAPS] = {1.909, -0.7629, -0.5792, 0.3792, 0.0064};
static const double SHAPE_192[TAPS] = {1.1582, 0.2679, -0.2138, -0.2833, 0.0206};

static const double *shape_for(double sample_rate_hz) {
  if (sample_rate_hz < 46000) return SHAPE_44;
  if (sample_rate_hz < 70000) return SHAPE_48;
  return sample_rate_hz < 140000 ? SHAPE_96 : SHAPE_192;
}

static double steps_of(int32_t word) {
  static const int bits[] = {[WORD_16] = 16, [WORD_20] = 20, [WORD_24] = 24};
  return word == WORD_FLOAT ? 0 : ldexp(1, bits[word] - 1);
}

void output_design(output_coefs *coefs, const output_params *params, const stream_format *format) {
  double trim = params->trim_db == 0 ? 1 : pow(10, params->trim_db / 20);
  *coefs = (output_coefs){.gain = params->mute ? 0 : trim, .steps = steps_of(params->word_bits)};
  if (params->noise_shaping == SHAPING_WEIGHTED) memcpy(coefs->taps, shape_for(format->sample_rate_hz), sizeof coefs->taps);
}

void output_reset(output *state) { *state = (output){.gain = 1, .counter = {random_start(SEED, 0), random_start(SEED, 1)}}; }

/* ---- gain ---- */

static void follow(output *state, const output_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  state->ramp_left_frames = ramp_aim(&state->gain, &state->gain_step, &coefs->gain, 1, frames);
  state->serial = coefs->change.serial;
}

static uint32_t apply_ramp(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames) {
  uint32_t some = state->ramp_left_frames < frames ? state->ramp_left_frames : frames;
  for (uint32_t n = 0; n < some; n++) {
    ramp_advance(&state->gain, &state->gain_step, 1);
    if (!--state->ramp_left_frames) ramp_land(&state->gain, &state->gain_step, &coefs->gain, 1);
    left[n] *= state->gain, right[n] *= state->gain;
  }
  return some;
}

static void apply_gain(double gain, double *left, double *right, uint32_t frames) {
  if (gain == 1) return;
  for (uint32_t n = 0; n < frames; n++) left[n] *= gain, right[n] *= gain;
}

/* ---- word length ---- */

/* The oldest errors are summed first: only the last term waits for the frame before. */
static inline double quantise(uint64_t *counter, double *error, const output_coefs *coefs, double x) {
  double older = 0;
  for (int k = TAPS - 1; k > 0; k--) older += coefs->taps[k] * error[k];
  double value = (quantiser_scale(x, coefs->steps) - older) - coefs->taps[0] * error[0];
  double step = quantiser_step(value, random_triangular(counter));
  for (int k = TAPS - 1; k > 0; k--) error[k] = error[k - 1];
  error[0] = step - value;
  return quantiser_value(step, coefs->steps);
}

static void shorten(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (coefs->steps == 0) return;
  for (uint32_t n = 0; n < frames; n++) {
    left[n] = quantise(&state->counter[0], state->error[0], coefs, left[n]);
    right[n] = quantise(&state->counter[1], state->error[1], coefs, right[n]);
  }
}

void output_process(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  uint32_t ramped = apply_ramp(state, coefs, left, right, frames), rest = frames - ramped;
  int muted = !state->ramp_left_frames && state->gain == 0;
  shorten(state, coefs, left, right, ramped);
  if (muted) {
    memset(left + ramped, 0, rest * sizeof *left);
    memset(right + ramped, 0, rest * sizeof *right);
    return;
  }
  apply_gain(state->gain, left + ramped, right + ramped, rest);
  shorten(state, coefs, left + ramped, right + ramped, rest);
}
