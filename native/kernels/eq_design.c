#include "eq_design.h"

#include <math.h>

#define PI 3.14159265358979323846

static const double FLAT_Q = 0.7071, HIGHEST = 0.49, LEAST_GAIN_DB = 0.05;
static const int32_t ORDER[] = {[EQ_SLOPE_6] = 1,  [EQ_SLOPE_12] = 2,  [EQ_SLOPE_18] = 3,  [EQ_SLOPE_24] = 4, [EQ_SLOPE_36] = 6,
                                [EQ_SLOPE_48] = 8, [EQ_SLOPE_60] = 10, [EQ_SLOPE_72] = 12, [EQ_SLOPE_96] = 16};

typedef struct {
  double frequency_hz, sample_rate_hz;
} place;

static void add(eq_band_coefs *band, analog_section analog, const place *at, int32_t way) {
  matched_design(&band->section[band->sections++], &analog, at->frequency_hz, at->sample_rate_hz, way);
}

/* Cuts are boosts turned over, so that they mirror exactly; the poles are fitted where they would lie above the zeros. */
static void add_mirrored(eq_band_coefs *band, analog_section analog, const place *at, int32_t turned) {
  add(band, analog, at, turned ? MATCHED_POLES : MATCHED_ZEROS);
}

static void design_bell(eq_band_coefs *band, double gain_db, double q, const place *at) {
  double a = pow(10, gain_db / 40);
  add_mirrored(band, (analog_section){{1, a / q, 1}, {1, 1 / (a * q), 1}}, at, gain_db < 0);
}

static void design_low_shelf(eq_band_coefs *band, double gain_db, double q, const place *at) {
  double a = pow(10, gain_db / 40), middle = sqrt(a) / q;
  add_mirrored(band, (analog_section){{a * a, a * middle, a}, {1, middle, a}}, at, gain_db < 0);
}

static void design_high_shelf(eq_band_coefs *band, double gain_db, double q, const place *at) {
  double a = pow(10, gain_db / 40), middle = sqrt(a) / q;
  add_mirrored(band, (analog_section){{a, a * middle, a * a}, {a, middle, 1}}, at, gain_db > 0);
}

static void design_tilt(eq_band_coefs *band, double gain_db, const place *at) {
  double t = pow(10, gain_db / 20);
  add_mirrored(band, (analog_section){{1, t, 0}, {t, 1, 0}}, at, gain_db > 0);
}

static void add_pass(eq_band_coefs *band, int32_t type, int32_t order, double q, const place *at) {
  analog_section low = {{1, 0, 0}, {1, 1 / q, 1}}, high = {{0, 0, 1}, {1, 1 / q, 1}};
  if (type == EQ_LOW_PASS) add(band, low, at, MATCHED_CORNER);
  else if (order < 4) add(band, high, at, MATCHED_CORNER);
  else matched_high_pass(&band->section[band->sections++], &high, at->frequency_hz, at->sample_rate_hz);
}

static void add_first_order(eq_band_coefs *band, int32_t type, const place *at) {
  analog_section low = {{1, 0, 0}, {1, 1, 0}}, high = {{0, 1, 0}, {1, 1, 0}};
  add(band, type == EQ_LOW_PASS ? low : high, at, MATCHED_CORNER);
}

/* Butterworth: pole pairs at Q = 1 / (2 sin((2i+1) pi / 2n)), low Q first, after the single pole of an odd order. */
static void design_pass(eq_band_coefs *band, const eq_band_params *params, const place *at) {
  int32_t order = ORDER[params->slope_db_per_oct];
  if (order % 2) add_first_order(band, params->type, at);
  for (int32_t i = order / 2 - 1; i >= 0; i--)
    add_pass(band, params->type, order, (i ? 1 : params->q / FLAT_Q) / (2 * sin((2 * i + 1) * PI / (2 * order))), at);
}

static void design_all_pass(eq_band_coefs *band, double q, const place *at) {
  double w0 = 2 * PI * at->frequency_hz / at->sample_rate_hz, k = w0 / (q * sin(w0));
  band->section[band->sections++] = (svf_coefs){tan(w0 / 2), k, 1, -2 * k, 0};
}

static void design_band(eq_band_coefs *band, const eq_band_params *params, double sample_rate_hz) {
  const place at = {fmin(params->frequency_hz, HIGHEST * sample_rate_hz), sample_rate_hz};
  double gain_db = params->gain_db, per_q = 1 / params->q;
  switch (params->type) {
    case EQ_BELL:
      design_bell(band, gain_db, params->q, &at);
      break;
    case EQ_LOW_SHELF:
      design_low_shelf(band, gain_db, params->q, &at);
      break;
    case EQ_HIGH_SHELF:
      design_high_shelf(band, gain_db, params->q, &at);
      break;
    case EQ_TILT:
      design_tilt(band, gain_db, &at);
      break;
    case EQ_LOW_PASS:
    case EQ_HIGH_PASS:
      design_pass(band, params, &at);
      break;
    case EQ_NOTCH:
      add(band, (analog_section){{1, 0, 1}, {1, per_q, 1}}, &at, MATCHED_POLES);
      break;
    case EQ_BAND_PASS:
      add(band, (analog_section){{0, per_q, 0}, {1, per_q, 1}}, &at, MATCHED_ZEROS);
      break;
    default:
      design_all_pass(band, params->q, &at);
  }
}

static int32_t does_nothing(const eq_band_params *params) {
  return !params->on || (params->type <= EQ_TILT && params->gain_db == 0);
}

static const int32_t LANES[] = {
    [EQ_STEREO] = LANE_BOTH, [EQ_LEFT] = LANE_FIRST, [EQ_RIGHT] = LANE_SECOND, [EQ_MID] = LANE_FIRST, [EQ_SIDE] = LANE_SECOND};

static int32_t moves(const eq_band_params *params) {
  return params->on && params->type <= EQ_HIGH_SHELF && params->dynamic && params->range_db != 0 && params->ratio > 1;
}

/* Towards 0 dB nothing is left to fit to: there the last shape that is one shrinks, down to the very identity. */
static svf_coefs design_node(eq_band_params params, double gain_db, double sample_rate_hz) {
  eq_band_coefs band = {.sections = 0};
  double shrink = fmin(fabs(gain_db) / LEAST_GAIN_DB, 1);
  params.gain_db = shrink < 1 ? copysign(LEAST_GAIN_DB, gain_db) : gain_db;
  design_band(&band, &params, sample_rate_hz);
  svf_coefs *svf = &band.section[0];
  if (shrink < 1) svf->m0 = 1 + shrink * (svf->m0 - 1), svf->m1 *= shrink, svf->m2 *= shrink;
  return *svf;
}

static svf_coefs between(const svf_coefs *a, const svf_coefs *b, double share) {
  return (svf_coefs){a->g + share * (b->g - a->g), a->k + share * (b->k - a->k), a->m0 + share * (b->m0 - a->m0),
                     a->m1 + share * (b->m1 - a->m1), a->m2 + share * (b->m2 - a->m2)};
}

/* Around Q 0.5, where the poles of a shelf meet and part, neighbouring gains are fitted in different ways: between two Q beside it
 * there is one way. */
static svf_coefs design_smooth_node(eq_band_params params, double gain_db, double sample_rate_hz) {
  int32_t coarse = sample_rate_hz < 80000;
  double below_q = coarse ? 0.45 : 0.465, above_q = coarse ? 0.55 : 0.512, q = params.q;
  if (params.type == EQ_BELL || q <= below_q || q >= above_q) return design_node(params, gain_db, sample_rate_hz);
  params.q = below_q;
  svf_coefs below = design_node(params, gain_db, sample_rate_hz);
  params.q = above_q;
  svf_coefs above = design_node(params, gain_db, sample_rate_hz);
  return between(&below, &above, (q - below_q) / (above_q - below_q));
}

static void design_nodes(svf_coefs node[EQ_NODES], const eq_band_params *params, double sample_rate_hz) {
  for (int i = 0; i < EQ_NODES; i++)
    node[i] = design_smooth_node(*params, params->gain_db + params->range_db * i / (EQ_NODES - 1), sample_rate_hz);
}

static void design_dynamic(eq_coefs *coefs, int32_t at, const eq_band_params *params, double sample_rate_hz) {
  coefs->band[at].sections = 1;
  eq_dynamics_design(&coefs->dynamics, at, params, sample_rate_hz);
  design_nodes(coefs->dynamics.node[at], params, sample_rate_hz);
}

void eq_design(eq_coefs *coefs, const eq_params *params, const stream_format *format) {
  *coefs = (eq_coefs){.change = {1, 0}, .least_ramp_frames = (uint32_t)(0.005 * format->sample_rate_hz)};
  coefs->dynamics.tick_frames = eq_tick_frames(format->sample_rate_hz);
  for (int i = 0; i < EQ_BANDS; i++) {
    const eq_band_params *from = &params->band[i];
    eq_band_coefs *band = &coefs->band[i];
    band->type = from->type;
    band->mid_side = from->channel >= EQ_MID;
    band->lanes = LANES[from->channel];
    if (params->on && moves(from)) design_dynamic(coefs, i, from, format->sample_rate_hz);
    else if (params->on && !does_nothing(from)) design_band(band, from, format->sample_rate_hz);
  }
}
