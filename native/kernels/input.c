#include "input.h"

#include <math.h>

#include "quiet.h"
#include "ramp.h"

enum { MATRIX = 4 };

static const double DC_BLOCK_HZ = 2;
static const double BUTTERWORTH_2[1] = {0.70710678118654752}, BUTTERWORTH_4[2] = {0.54119610014619698, 1.3065629648763765};

static const double MODES[][2][2] = {[CHANNELS_STEREO] = {{1, 0}, {0, 1}},
                                     [CHANNELS_SWAP] = {{0, 1}, {1, 0}},
                                     [CHANNELS_LEFT] = {{1, 0}, {1, 0}},
                                     [CHANNELS_RIGHT] = {{0, 1}, {0, 1}},
                                     [CHANNELS_MONO] = {{0.5, 0.5}, {0.5, 0.5}}};

static void design_high_pass(svf_coefs *svf, double frequency_hz, double q, double sample_rate_hz) {
  const analog_section analog = {{0, 0, 1}, {1, 1 / q, 1}};
  matched_bilinear(svf, &analog, frequency_hz, sample_rate_hz);
}

void input_design(input_coefs *coefs, const input_params *params, const stream_format *format) {
  double rate_hz = format->sample_rate_hz, trim = pow(10, params->trim_db / 20);
  double from[2] = {params->invert_left ? -trim : trim, params->invert_right ? -trim : trim};
  *coefs = (input_coefs){.change = {1, 0}, .least_ramp_frames = (uint32_t)(0.005 * rate_hz)};
  for (int to = 0; to < 2; to++)
    for (int i = 0; i < 2; i++) coefs->matrix[to][i] = MODES[params->channels][to][i] * from[i];
  coefs->polarity = !params->invert_left == !params->invert_right ? 1 : -1, coefs->trim = trim;
  coefs->rotator_on = params->phase_rotator, coefs->repair_on = params->repair;
  rotator_design(&coefs->rotator, rate_hz);
  repair_design(&coefs->repair, rate_hz);
  coefs->section_on[0] = params->dc_block;
  coefs->section_on[1] = coefs->section_on[2] = params->subsonic;
  design_high_pass(&coefs->section[0], DC_BLOCK_HZ, BUTTERWORTH_2[0], rate_hz);
  for (int i = 0; i < 2; i++) design_high_pass(&coefs->section[1 + i], params->subsonic_hz, BUTTERWORTH_4[i], rate_hz);
}

void input_reset(input *state) { *state = (input){0}; }

static const svf_coefs *wanted(const input_coefs *coefs, int section) {
  return coefs->section_on[section] ? &coefs->section[section] : 0;
}

/* Fresh from reset at once; later never in one step. */
static void follow(input *state, const input_coefs *coefs) {
  uint32_t least = coefs->least_ramp_frames, frames = coefs->change.ramp_frames > least ? coefs->change.ramp_frames : least;
  if (!state->serial) frames = 0;
  state->serial = coefs->change.serial;
  state->left_frames =
      ramp_aim((double *)state->matrix, (double *)state->matrix_step, (const double *)coefs->matrix, MATRIX, frames);
  for (int i = 0; i < INPUT_SECTIONS; i++)
    if (cascade_aim(&state->section[i], wanted(coefs, i), LANE_BOTH, frames)) state->left_frames = frames;
  if (rotator_aim(&state->rotator, coefs->rotator_on, frames)) state->left_frames = frames;
}

static void arrive(input *state, const input_coefs *coefs) {
  ramp_land((double *)state->matrix, (double *)state->matrix_step, (const double *)coefs->matrix, MATRIX);
  for (int i = 0; i < INPUT_SECTIONS; i++) cascade_land(&state->section[i], wanted(coefs, i), LANE_BOTH);
  rotator_land(&state->rotator, coefs->rotator_on);
}

static void mix(const input *state, double *left, double *right, uint32_t frames) {
  const double (*m)[2] = state->matrix;
  if (m[0][0] == 1 && m[0][1] == 0 && m[1][0] == 0 && m[1][1] == 1) return;
  for (uint32_t n = 0; n < frames; n++) {
    double to_left = m[0][0] * left[n] + m[0][1] * right[n], to_right = m[1][0] * left[n] + m[1][1] * right[n];
    left[n] = to_left, right[n] = to_right;
  }
}

static void mix_gliding(input *state, double *left, double *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    ramp_advance((double *)state->matrix, (double *)state->matrix_step, MATRIX);
    double to_left = state->matrix[0][0] * left[n] + state->matrix[0][1] * right[n];
    double to_right = state->matrix[1][0] * left[n] + state->matrix[1][1] * right[n];
    left[n] = to_left, right[n] = to_right;
  }
}

static void process_stretch(input *state, const input_coefs *coefs, double *left, double *right, uint32_t frames) {
  cascade_section *awake[INPUT_SECTIONS];
  uint32_t count = 0;
  if (state->left_frames) mix_gliding(state, left, right, frames);
  else mix(state, left, right, frames);
  for (int i = 0; i < INPUT_SECTIONS; i++)
    if (state->section[i].awake) awake[count++] = &state->section[i];
  cascade_process(awake, count, state->left_frames != 0, left, right, frames);
  rotator_process(&state->rotator, &coefs->rotator, left, right, frames);
}

static void quieten(input *state) {
  for (int i = 0; i < INPUT_SECTIONS; i++) cascade_quieten(&state->section[i]);
  rotator_quieten(&state->rotator);
}

static void heal(input *state) {
  for (int i = 0; i < INPUT_SECTIONS; i++)
    if (!cascade_is_sane(&state->section[i])) cascade_clear(&state->section[i]);
}

void input_process(input *state, const input_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (state->serial != coefs->change.serial) follow(state, coefs);
  repair_process(&state->repair, &coefs->repair, coefs->repair_on, coefs->polarity, coefs->trim, left, right, frames);
  while (frames) {
    uint32_t n = quiet_span(state->clock_frames, ramp_span(state->left_frames, frames));
    process_stretch(state, coefs, left, right, n);
    if (state->left_frames && !(state->left_frames -= n)) arrive(state, coefs);
    if (quiet_is_due(state->clock_frames += n)) quieten(state);
    left += n, right += n, frames -= n;
  }
  heal(state);
}
