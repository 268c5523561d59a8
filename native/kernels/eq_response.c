#include "eq_response.h"

#include <complex.h>
#include <math.h>
#include <stddef.h>

#include "section_response.h"

typedef double complex eq_number;
#include "eq_matrix.h"

static const double PI = 3.14159265358979323846, MOST_OF_RATE = 0.499999;

static double complex section_at(const svf_coefs *svf, double sine, double cosine) {
  section_fraction f = section_response(svf, sine, cosine);
  double power = f.under * f.under + f.damped * f.damped;
  return (f.even * f.under + f.odd * f.damped) / power + (double complex)I * ((f.odd * f.under - f.even * f.damped) / power);
}

static double complex band_at(const eq_coefs *coefs, int at, double sine, double cosine) {
  const eq_band_coefs *band = &coefs->band[at];
  if (coefs->dynamics.works[at]) return section_at(&coefs->dynamics.node[at][0], sine, cosine);
  double complex product = 1;
  for (uint32_t i = 0; i < band->sections; i++) product *= section_at(&band->section[i], sine, cosine);
  return product;
}

void eq_response(const eq_coefs *coefs, double sample_rate_hz, const double *frequencies_hz, uint32_t points, double *rows) {
  size_t row = points;
  for (uint32_t k = 0; k < points; k++) {
    eq_matrix m = eq_matrix_at(coefs, PI * fmin(frequencies_hz[k] / sample_rate_hz, MOST_OF_RATE), band_at);
    rows[k] = cabs(m.ll), rows[row + k] = cabs(m.rr);
    rows[2 * row + k] = cabs(m.ll + m.lr + m.rl + m.rr) / 2;
    rows[3 * row + k] = cabs(m.ll - m.lr - m.rl + m.rr) / 2;
  }
}
