#include "measuring.h"

void measuring_design(measuring_coefs *coefs, const stream_format *format) {
  loudness_design(&coefs->loudness, format);
  truepeak_design(&coefs->truepeak, format);
  levels_design(&coefs->levels, format);
}

void measuring_reset(measuring *state) {
  loudness_reset(&state->loudness);
  truepeak_reset(&state->truepeak);
  levels_reset(&state->levels);
  spectrum_reset(&state->spectrum);
}

static void raise(double *most, double value) {
  if (value > *most) *most = value;
}

/* The meter's own peak goes on; the bin gets what came with these frames alone. */
static void find_true_peak(measuring *state, const truepeak_coefs *coefs, const double *left, const double *right,
                           uint32_t frames) {
  double before[2] = {state->truepeak.peak[0], state->truepeak.peak[1]};
  state->truepeak.peak[0] = state->truepeak.peak[1] = 0;
  truepeak_process(&state->truepeak, coefs, left, right, frames);
  for (int side = 0; side < 2; side++) {
    raise(&state->levels.true_peak[side], state->truepeak.peak[side]);
    raise(&state->truepeak.peak[side], before[side]);
  }
}

/* At most up to the end of the bin. */
static void measure(measuring *state, const measuring_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  uint64_t written = state->loudness.written;
  loudness_process(&state->loudness, &coefs->loudness, left, right, frames);
  if (state->loudness.written != written) state->levels.weighted = state->loudness.journal[written & (LOUDNESS_JOURNAL_BINS - 1)];
  find_true_peak(state, &coefs->truepeak, left, right, frames);
  levels_process(&state->levels, &coefs->levels, left, right, frames);
}

void measuring_process(measuring *state, const measuring_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  spectrum_process(&state->spectrum, left, right, frames);
  measuring_process_bins(state, coefs, left, right, frames);
}

void measuring_process_bins(measuring *state, const measuring_coefs *coefs, const double *left, const double *right,
                            uint32_t frames) {
  while (frames) {
    uint32_t room = coefs->levels.bin_frames - state->levels.bin_filled_frames, now = frames < room ? frames : room;
    measure(state, coefs, left, right, now);
    left += now, right += now, frames -= now;
  }
}
