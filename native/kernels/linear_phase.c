#include "linear_phase.h"

#include <math.h>
#include <stddef.h>

#include "section_response.h"

typedef double eq_number;
#include "eq_matrix.h"

static const double PI = 3.14159265358979323846, LEAST_S = 0.68, LEFT_OUT = 1e-11;

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

void linear_phase_matrix(const eq_coefs *coefs, double *rows, uint32_t points) {
  size_t row = (size_t)points + 1;
  for (uint32_t k = 0; k <= points; k++) {
    eq_matrix m = eq_matrix_at(coefs, PI / 2 * k / points, band_magnitude);
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
