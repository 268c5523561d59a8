#include "agc_law.h"

#include "decibel.h"

enum { PATIENCE_BINS = 100 }; /* frozen for so long, it drifts */

static const double GATE_HYSTERESIS_DB = 1;
static const double ARRIVED_DB = 0.1;
static const double FASTEST_DB = 0.2; /* 20 dB/s: a turn of the coupling is no faster than that either */

static double within(double value, double limit) { return value > limit ? limit : value < -limit ? -limit : value; }
static double loudness_of(double power) { return decibel_of_power(power) - 0.691; }
static double power_of_decibel(double gain_db) { return amplitude_of_decibel(2 * gain_db); }

static double coupled_bass_db(const agc *state, const agc_coefs *coefs) {
  return coefs->coupling * state->gain_db[AGC_MASTER] + (1 - coefs->coupling) * state->gain_db[AGC_BASS];
}

void agc_law_start(agc *state, const agc_coefs *coefs) {
  for (int band = 0; band < 2; band++) state->gain_db[band] = within(state->gain_db[band], coefs->range_db);
  state->applied_db[AGC_BASS] = coupled_bass_db(state, coefs);
  state->applied_db[AGC_MASTER] = state->gain_db[AGC_MASTER];
}

/* Towards `wanted_db`, not faster than `most_db`. */
static void walk(double *gain_db, double wanted_db, double most_db) { *gain_db += within(wanted_db - *gain_db, most_db); }

static void follow_error(agc *state, const agc_coefs *coefs, int band, double error_db) {
  double *gain_db = &state->gain_db[band], wanted_db = within(*gain_db + error_db, coefs->range_db);
  double way_db = wanted_db - *gain_db, size_db = way_db < 0 ? -way_db : way_db;
  double most_db = way_db > 0 ? coefs->raise_db : coefs->lower_db;
  if (size_db > coefs->half_window_db) state->travelling[band] = 1;
  else if (size_db <= ARRIVED_DB) state->travelling[band] = 0;
  if (within(*gain_db, coefs->range_db) != *gain_db) state->travelling[band] = 1; /* the range has become narrower */
  if (!state->travelling[band] && coefs->half_window_db > 0) most_db *= coefs->window_speed * size_db / coefs->half_window_db;
  walk(gain_db, wanted_db, most_db);
}

static void follow_master(agc *state, const agc_coefs *coefs) {
  double way_db = state->gain_db[AGC_MASTER] - state->gain_db[AGC_BASS];
  walk(&state->gain_db[AGC_BASS], state->gain_db[AGC_MASTER], way_db > 0 ? coefs->raise_db : coefs->lower_db);
}

static void follow_level(agc *state, const agc_coefs *coefs) {
  double power[2];
  agc_detector_level(&state->detector, coefs->level_bins, power);
  if (power[0] < 0) return;
  double bass = power_of_decibel(state->applied_db[AGC_BASS]), master = power_of_decibel(state->applied_db[AGC_MASTER]);
  double above = power[0] > power[1] ? power[0] - power[1] : 0, bass_lufs = loudness_of(power[1]);
  state->level_lufs = loudness_of(power[0]);
  follow_error(state, coefs, AGC_MASTER, coefs->target_lufs[AGC_MASTER] - loudness_of(master * above + bass * power[1]));
  if (bass_lufs < coefs->gate_lufs[AGC_BASS]) follow_master(state, coefs);
  else follow_error(state, coefs, AGC_BASS, coefs->target_lufs[AGC_BASS] - bass_lufs - state->gain_db[AGC_BASS]);
}

static void rest(agc *state, const agc_coefs *coefs) {
  int drifts = state->frozen_bins >= PATIENCE_BINS;
  state->frozen_bins += !drifts;
  for (int band = 0; band < 2; band++) {
    double *gain_db = &state->gain_db[band], inside_db = within(*gain_db, coefs->range_db);
    if (inside_db != *gain_db) walk(gain_db, inside_db, inside_db > *gain_db ? coefs->raise_db : coefs->lower_db);
    else if (drifts) walk(gain_db, coefs->platform_db, coefs->drift_db);
  }
}

static void judge(agc *state, const agc_coefs *coefs, double momentary) {
  double lufs = momentary < 0 ? DECIBEL_FLOOR : loudness_of(momentary), gate_lufs = coefs->gate_lufs[AGC_MASTER];
  int32_t frozen = lufs < gate_lufs + (state->frozen ? GATE_HYSTERESIS_DB : 0);
  if (!frozen) state->frozen_bins = 0;
  state->frozen = frozen;
}

void agc_law_move(agc *state, const agc_coefs *coefs) {
  judge(state, coefs, agc_detector_momentary(&state->detector, &coefs->detector));
  if (state->fading) return;
  if (state->frozen) rest(state, coefs);
  else follow_level(state, coefs);
  state->applied_db[AGC_MASTER] = state->gain_db[AGC_MASTER];
  walk(&state->applied_db[AGC_BASS], coupled_bass_db(state, coefs), FASTEST_DB);
}
