/* eq_dynamics_design.c - from what the operator sets for a dynamic band to the numbers of its detector and its ballistics. */
#include <math.h>
#include <string.h>

#include "compressor.h"
#include "eq_design.h"
#include "svf.h"

static const double PI = 3.14159265358979323846, FLAT_Q = 0.7071, HIGHEST = 0.49;
static const double TICKS_HZ = 3000, SHELF_MEAN_S = 0.00025;

typedef struct {
  double left, right;
} mixture;

static const mixture LISTENS[][2] = {[EQ_STEREO] = {{1, 0}, {0, 1}},
                                     [EQ_LEFT] = {{1, 0}, {0, 0}},
                                     [EQ_RIGHT] = {{0, 0}, {0, 1}},
                                     [EQ_MID] = {{0.5, 0.5}, {0, 0}},
                                     [EQ_SIDE] = {{0, 0}, {0.5, -0.5}}};

typedef struct {
  svf_coefs filter;
  double quadrature, turn_hz, mean_step;
} listener;

static double mean_step_of(double seconds, double sample_rate_hz) { return -expm1(-1 / (seconds * sample_rate_hz)); }

/* What a band of this shape listens with: y = m0 x + m1 v1 + m2 v2 of a trapezoidal filter. */
static listener own_listener(const eq_band_params *params, double hz, double sample_rate_hz) {
  double g = tan(PI * hz / sample_rate_hz), k = 1 / params->q, flat_k = 1 / fmin(params->q, FLAT_Q);
  switch (params->type) {
    case EQ_LOW_SHELF:
      return (listener){{g, flat_k, 0, 0, 1}, 0, hz, 1};
    case EQ_HIGH_SHELF:
      return (listener){{g, flat_k, 1, -flat_k, -1},
                        1,
                        fmin(2 * hz, 0.25 * sample_rate_hz),
                        mean_step_of(fmax(2 / (PI * hz), SHELF_MEAN_S), sample_rate_hz)};
    default:
      return (listener){{g, k, 0, k, 0}, 1, hz, mean_step_of(1 / (PI * hz), sample_rate_hz)};
  }
}

static listener wide_listener(double hz) { return (listener){{1, 1, 1, 0, 0}, 0, hz, 1}; }

static quad same(double x) { return (quad){x, x, x, x}; }

static void put_filter(eq_detector_coefs *to, int32_t band, const svf_coefs *from) {
  quad g = same(from->g), k = same(from->k);
  svf_quad f = {.m0 = same(from->m0), .h1 = same(0.5 * from->m1), .h2 = same(0.5 * from->m2)};
  svf_solve(&f, &g, &k);
  const quad *number[EQ_DETECTOR_NUMBERS] = {&f.e1, &f.e2, &f.e3, &f.m0, &f.h1, &f.h2};
  for (int i = 0; i < EQ_DETECTOR_NUMBERS; i++) memcpy(to->filter[i][band], number[i], sizeof to->filter[i][band]);
}

static void design_detector(eq_detector_coefs *to, int32_t band, const eq_band_params *params, double sample_rate_hz) {
  double hz = fmin(params->frequency_hz, HIGHEST * sample_rate_hz);
  listener by = params->detector == EQ_OWN ? own_listener(params, hz, sample_rate_hz) : wide_listener(hz);
  double turn_g = tan(PI * by.turn_hz / sample_rate_hz);
  put_filter(to, band, &by.filter);
  for (int lane = 0; lane < 2; lane++) {
    to->from_left[band][lane] = LISTENS[params->channel][lane].left;
    to->from_right[band][lane] = LISTENS[params->channel][lane].right;
    to->turn[band][lane] = turn_g / (1 + turn_g);
    to->quadrature[band][lane] = by.quadrature;
    to->mean_step[band][lane] = by.mean_step;
  }
}

/* Ticks get longer with the sample rate, in powers of two: 16 frames at 48 kHz. */
uint32_t eq_tick_frames(double sample_rate_hz) {
  uint32_t frames = 16;
  while (frames < 64 && frames * TICKS_HZ * 1.5 < sample_rate_hz) frames *= 2;
  return frames;
}

/* The compressor's poles, at the rate of ticks; what the ticks themselves take is not waited for twice. */
static void design_times(eq_dynamics_coefs *coefs, int32_t band, const eq_band_params *params, double ticks_hz) {
  double tick_ms = 1000 / ticks_hz, attack_ms = fmax(params->attack_ms - tick_ms, params->attack_ms / 2);
  double release_ms = params->release_ms - tick_ms;
  const compressor_params like = {.ratio = 1, .attack_ms = attack_ms, .release_ms = release_ms, .rms_window_ms = 1};
  compressor_coefs times;
  compressor_design(&times, &like, &(stream_format){.sample_rate_hz = ticks_hz});
  coefs->attack_step[band] = times.law.attack_step;
  coefs->fall_step[band] = times.law.fall_step;
  coefs->release_step[band] = times.law.release_step;
}

void eq_dynamics_design(eq_dynamics_coefs *coefs, int32_t band, const eq_band_params *params, double sample_rate_hz) {
  design_detector(&coefs->detector, band, params, sample_rate_hz);
  coefs->works[band] = coefs->any = 1;
  coefs->threshold_db[band] = params->threshold_db;
  coefs->slope[band] = 1 - 1 / params->ratio;
  coefs->range_db[band] = fabs(params->range_db);
  coefs->sign[band] = params->range_db < 0 ? -1 : 1;
  coefs->nodes_per_db[band] = (EQ_NODES - 1) / coefs->range_db[band];
  design_times(coefs, band, params, sample_rate_hz / coefs->tick_frames);
}
