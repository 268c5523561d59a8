#include <math.h>

#include "agc.h"

static const double PI = 3.14159265358979323846;
static const double WALK_DB = 9; /* the level window is the time of so long a walk: a step is met before it is walked */

static double stage_power(const loudness_stage *stage, double w) {
  const double *b = stage->b, *a = stage->a, c1 = cos(w), c2 = cos(2 * w), s1 = sin(w), s2 = sin(2 * w);
  double top = pow(b[0] + b[1] * c1 + b[2] * c2, 2) + pow(b[1] * s1 + b[2] * s2, 2);
  double bottom = pow(1 + a[0] * c1 + a[1] * c2, 2) + pow(a[0] * s1 + a[1] * s2, 2);
  return top / bottom;
}

/* Part of the loudness of pink noise, 20 Hz to 20 kHz, that lies below the crossover: the same power in every twelfth of an octave. */
static double pink_bass_share(const loudness_coefs *weighting, double crossover_hz, double sample_rate_hz) {
  double all = 0, bass = 0;
  for (int i = 0; i < 120; i++) {
    double hz = 20 * pow(2, (i + 0.5) / 12), w = 2 * PI * hz / sample_rate_hz;
    double power = stage_power(&weighting->stage[0], w) * stage_power(&weighting->stage[1], w);
    all += power, bass += power / (1 + pow(hz / crossover_hz, 8));
  }
  return bass / all;
}

static uint32_t level_bins(const agc_params *params) {
  double fastest = fmax(params->attack_db_per_s, params->release_db_per_s), bins = 100 * WALK_DB / fastest;
  return (uint32_t)fmin(fmax(bins, AGC_GATE_BINS), AGC_LEVEL_BINS);
}

static void design_levels(agc_coefs *coefs, const agc_params *params, double bass_db) {
  coefs->target_lufs[AGC_MASTER] = params->target_lufs, coefs->target_lufs[AGC_BASS] = params->target_lufs + bass_db;
  coefs->gate_lufs[AGC_MASTER] = params->gate_lufs, coefs->gate_lufs[AGC_BASS] = params->gate_lufs + bass_db;
  coefs->range_db = params->range_db;
  coefs->platform_db = fmin(fmax(params->platform_db, -params->range_db), params->range_db);
  coefs->half_window_db = params->window_db / 2;
}

static void design_rates(agc_coefs *coefs, const agc_params *params) {
  coefs->level_bins = level_bins(params);
  coefs->window_speed = params->window_speed_percent / 100;
  coefs->lower_db = params->attack_db_per_s / 100, coefs->raise_db = params->release_db_per_s / 100;
  coefs->drift_db = params->drift_db_per_s / 100;
  coefs->coupling = params->bass_coupling_percent / 100;
}

void agc_design(agc_coefs *coefs, const agc_params *params, const stream_format *format) {
  double rate_hz = format->sample_rate_hz;
  *coefs = (agc_coefs){.change = {1, 0}, .on = params->on, .least_ramp_frames = (uint32_t)(0.005 * rate_hz)};
  loudness_design(&coefs->detector.weighting, format);
  coefs->detector.corner = tan(PI * params->crossover_hz / rate_hz);
  design_levels(coefs, params, 10 * log10(pink_bass_share(&coefs->detector.weighting, params->crossover_hz, rate_hz)));
  design_rates(coefs, params);
}
