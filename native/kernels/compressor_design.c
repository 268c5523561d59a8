/* compressor_design.c - from what the operator sets to the numbers of the loop. */
#include <math.h>

#include "ballistics.h"
#include "compressor.h"
#include "knee.h"

static const double PI = 3.14159265358979323846;
static const double LOOKAHEAD_MS[] = {[LATENCY_NORMAL] = 5.0, [LATENCY_LOW] = 0.5};
static const double BUTTERWORTH_12_K = 1.4142135623730951;
static const double BUTTERWORTH_24_K[2] = {1.8477590650225735, 0.7653668647301796};

static double frames_of(double ms, double sample_rate_hz) { return round(ms * sample_rate_hz / 1000); }

uint32_t compressor_latency_frames(const stream_format *format) {
  return (uint32_t)frames_of(LOOKAHEAD_MS[format->latency], format->sample_rate_hz);
}

static double detector_delay_frames(const compressor_params *params, const stream_format *format) {
  double most_ms = LOOKAHEAD_MS[format->latency];
  return compressor_latency_frames(format) - frames_of(fmin(params->lookahead_ms, most_ms), format->sample_rate_hz);
}

static void design_times(compressor_coefs *coefs, const compressor_params *params, double sample_rate_hz) {
  compressor_law *law = &coefs->law;
  double fall_ms = ballistics_fall_ms(params->attack_ms, params->release_ms);
  double slow_ms = fmax(fmin(fmax(10 * params->release_ms, 1200), 5000), params->release_ms);
  law->attack_step = ballistics_step(params->attack_ms, sample_rate_hz);
  law->fall_step = ballistics_step(fall_ms, sample_rate_hz);
  law->release_step = ballistics_step(ballistics_release_ms(params->release_ms, fall_ms), sample_rate_hz);
  law->auto_share = params->auto_release ? 1 : 0;
  law->auto_release_step = ballistics_step(slow_ms, sample_rate_hz);
  coefs->hold_step = ballistics_step(10, sample_rate_hz);
  coefs->charge_step = ballistics_step(300, sample_rate_hz);
}

static void design_side_chain(compressor_law *law, const compressor_params *params, double sample_rate_hz) {
  int steep = params->sidechain_slope_db_per_oct == SIDECHAIN_24;
  law->high_pass_g = tan(PI * fmin(params->sidechain_high_pass_hz / sample_rate_hz, 0.49));
  law->high_pass_k[0] = steep ? BUTTERWORTH_24_K[0] : BUTTERWORTH_12_K;
  law->high_pass_k[1] = BUTTERWORTH_24_K[1];
  law->high_pass_share[0] = params->sidechain_slope_db_per_oct != SIDECHAIN_OFF ? 1 : 0;
  law->high_pass_share[1] = steep ? 1 : 0;
  law->rms_share = params->detector == DETECTOR_RMS ? 1 : 0;
  law->rms_step = ballistics_step(params->rms_window_ms, sample_rate_hz);
}

static void design_curve(compressor_law *law, const compressor_params *params) {
  law->threshold_db = params->threshold_db;
  law->slope = params->ratio < 100 ? 1 - 1 / params->ratio : 1;
  law->knee_db = params->knee_db;
  law->range_db = params->range_db;
  double bend = knee_bend(law->slope, law->knee_db);
  double at_full_scale_db = smaller(knee_reduction_db(-law->threshold_db, law->slope, law->knee_db, bend), law->range_db);
  law->makeup_db = params->makeup_db + (params->auto_makeup ? 0.5 * at_full_scale_db : 0);
}

void compressor_design(compressor_coefs *coefs, const compressor_params *params, const stream_format *format) {
  *coefs = (compressor_coefs){.change = {1, 0}, .latency_frames = compressor_latency_frames(format)};
  design_curve(&coefs->law, params);
  design_side_chain(&coefs->law, params, format->sample_rate_hz);
  design_times(coefs, params, format->sample_rate_hz);
  coefs->law.detector_delay_frames = detector_delay_frames(params, format);
  coefs->law.link = params->link_percent / 100;
  coefs->law.active = params->on ? 1 : 0;
  coefs->law.mix = params->on ? params->mix_percent / 100 : 0;
}
