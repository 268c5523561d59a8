#include "linear_phase.h"

#include <math.h>
#include <stddef.h>

#include "section_response.h"

static const double PI = 3.14159265358979323846, LEAST_S = 0.68, LEFT_OUT = 1e-11;

typedef struct {
  double ll, lr, rl, rr;
} matrix;

static double section_power(const svf_coefs *svf, double sine, double cosine) {
  section_fraction f = section_response(svf, sine, cosine);
  return (f.even * f.even + f.odd * f.odd) / (f.under * f.under + f.damped * f.damped);
}

static double band_magnitude(const eq_coefs *coefs, int at, double sine, double cosine) {
  const eq_band_coefs *band = &coefs->band[at];
  if (coefs->dynamics.works[at]) return sqrt(section_power(&coefs->dynamics.node[at][0], sine, cosine));
  double power = 1;
  for (uint32_t i = 0; i < band->sections; i++) power *= section_power(&band->section[i], sine, cosine);
  return sqrt(power);
}

/* b after a */
static matrix after(const matrix *a, const matrix *b) {
  return (matrix){b->ll * a->ll + b->lr * a->rl, b->ll * a->lr + b->lr * a->rr, b->rl * a->ll + b->rr * a->rl,
                  b->rl * a->lr + b->rr * a->rr};
}

static matrix band_matrix(const eq_band_coefs *band, double magnitude) {
  double first = band->lanes & LANE_FIRST ? magnitude : 1, second = band->lanes & LANE_SECOND ? magnitude : 1;
  double both = (first + second) / 2, difference = (first - second) / 2;
  return band->mid_side ? (matrix){both, difference, difference, both} : (matrix){first, 0, 0, second};
}

static matrix matrix_at(const eq_coefs *coefs, double half_angle) {
  double sine = sin(half_angle), cosine = cos(half_angle);
  matrix all = {1, 0, 0, 1};
  for (int i = 0; i < EQ_BANDS; i++) {
    if (!coefs->band[i].sections) continue;
    matrix band = band_matrix(&coefs->band[i], band_magnitude(coefs, i, sine, cosine));
    all = after(&all, &band);
  }
  return all;
}

void linear_phase_matrix(const eq_coefs *coefs, double *rows, uint32_t points) {
  size_t row = (size_t)points + 1;
  for (uint32_t k = 0; k <= points; k++) {
    matrix m = matrix_at(coefs, PI / 2 * k / points);
    rows[k] = m.ll, rows[row + k] = m.lr, rows[2 * row + k] = m.rl, rows[3 * row + k] = m.rr;
  }
}

static double energy(const double *impulse, uint32_t from, uint32_t to) {
  double sum = 0;
  for (uint32_t n = from; n < to; n++) sum += impulse[n] * impulse[n];
  return sum;
}

uint32_t linear_phase_half_frames(const double *impulse, uint32_t points, double sample_rate_hz) {
  double all = energy(impulse, 0, points);
  uint32_t half = 1;
  while (half < LEAST_S * sample_rate_hz) half *= 2;
  while (half < points / 2 && energy(impulse, half * 3 / 4, points) > LEFT_OUT * all) half *= 2;
  return half < points / 2 ? half : points / 2;
}

void linear_phase_taps(double *taps, const double *impulse, uint32_t points, uint32_t half) {
  uint32_t faded = half / 4, whole = half - faded;
  for (uint32_t n = 0; n <= half; n++) {
    double share = n <= whole ? 1 : 0.5 + 0.5 * cos(PI * (n - whole) / (faded + 1.0));
    taps[half + n] = taps[half - n] = share * (n < points ? impulse[n] : 0);
  }
}
