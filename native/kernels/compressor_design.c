/* compressor_design.c - from what the operator sets to the numbers of the loop. */
#include <math.h>

#include "compressor.h"
#include "knee.h"

static const double PI = 3.14159265358979323846;
static const double LOOKAHEAD_MS[] = {[LATENCY_NORMAL] = 5.0, [LATENCY_LOW] = 0.5};
static const double BUTTERWORTH_12_K = 1.4142135623730951;
static const double BUTTERWORTH_24_K[2] = {1.8477590650225735, 0.7653668647301796};

static double step_of(double time_constant_ms, double sample_rate_hz) {
  return -expm1(-1000 / (time_constant_ms * sample_rate_hz));
}

static double frames_of(double ms, double sample_rate_hz) { return round(ms * sample_rate_hz / 1000); }

uint32_t compressor_latency_frames(const stream_format *format) {
  return (uint32_t)frames_of(LOOKAHEAD_MS[format->latency], format->sample_rate_hz);
}

static double detector_delay_frames(const compressor_params *params, const stream_format *format) {
  double most_ms = LOOKAHEAD_MS[format->latency];
  return compressor_latency_frames(format) - frames_of(fmin(params->lookahead_ms, most_ms), format->sample_rate_hz);
}

/* What is left after `time` of a fall through two one-poles in a row, slow > quick. */
static double left_after(double time, double slow, double quick) {
  return (slow * exp(-time / slow) - quick * exp(-time / quick)) / (slow - quick);
}

/* The release whose fall, smoothed by `smoothing_ms` <= 0.4 release_ms, is 63.2 % done after release_ms. */
static double honest_release_ms(double release_ms, double smoothing_ms) {
  double low = 1.001 * smoothing_ms, high = release_ms;
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (left_after(release_ms, middle, smoothing_ms) < exp(-1)) low = middle;
    else high = middle;
  }
  return high;
}

static void design_times(compressor_coefs *coefs, const compressor_params *params, double sample_rate_hz) {
  compressor_law *law = &coefs->law;
  double fall_ms = fmin(params->attack_ms, 0.4 * params->release_ms);
  double slow_ms = fmax(fmin(fmax(10 * params->release_ms, 1200), 5000), params->release_ms);
  law->attack_step = step_of(params->attack_ms, sample_rate_hz);
  law->fall_step = step_of(fall_ms, sample_rate_hz);
  law->release_step = step_of(honest_release_ms(params->release_ms, fall_ms), sample_rate_hz);
  law->auto_share = params->auto_release ? 1 : 0;
  law->auto_release_step = step_of(slow_ms, sample_rate_hz);
  coefs->hold_step = step_of(10, sample_rate_hz);
  coefs->charge_step = step_of(300, sample_rate_hz);
}

static void design_side_chain(compressor_law *law, const compressor_params *params, double sample_rate_hz) {
  int steep = params->sidechain_slope_db_per_oct == SIDECHAIN_24;
  law->high_pass_g = tan(PI * fmin(params->sidechain_high_pass_hz / sample_rate_hz, 0.49));
  law->high_pass_k[0] = steep ? BUTTERWORTH_24_K[0] : BUTTERWORTH_12_K;
  law->high_pass_k[1] = BUTTERWORTH_24_K[1];
  law->high_pass_share[0] = params->sidechain_slope_db_per_oct != SIDECHAIN_OFF ? 1 : 0;
  law->high_pass_share[1] = steep ? 1 : 0;
  law->rms_share = params->detector == DETECTOR_RMS ? 1 : 0;
  law->rms_step = step_of(params->rms_window_ms, sample_rate_hz);
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
