#include "eq_response.h"

#include <complex.h>
#include <math.h>
#include <stddef.h>

#include "section_response.h"

static const double PI = 3.14159265358979323846, MOST_OF_RATE = 0.499999;

typedef struct {
  double complex ll, lr, rl, rr;
} matrix;

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

static matrix band_matrix(const eq_band_coefs *band, double complex response) {
  double complex first = band->lanes & LANE_FIRST ? response : 1, second = band->lanes & LANE_SECOND ? response : 1;
  double complex both = (first + second) / 2, difference = (first - second) / 2;
  return band->mid_side ? (matrix){both, difference, difference, both} : (matrix){first, 0, 0, second};
}

/* b after a */
static matrix after(const matrix *a, const matrix *b) {
  return (matrix){b->ll * a->ll + b->lr * a->rl, b->ll * a->lr + b->lr * a->rr, b->rl * a->ll + b->rr * a->rl,
                  b->rl * a->lr + b->rr * a->rr};
}

static matrix all_at(const eq_coefs *coefs, double half_angle) {
  double sine = sin(half_angle), cosine = cos(half_angle);
  matrix all = {1, 0, 0, 1};
  for (int i = 0; i < EQ_BANDS; i++) {
    if (!coefs->band[i].sections) continue;
    matrix band = band_matrix(&coefs->band[i], band_at(coefs, i, sine, cosine));
    all = after(&all, &band);
  }
  return all;
}

void eq_response(const eq_coefs *coefs, double sample_rate_hz, const double *frequencies_hz, uint32_t points, double *rows) {
  size_t row = points;
  for (uint32_t k = 0; k < points; k++) {
    matrix m = all_at(coefs, PI * fmin(frequencies_hz[k] / sample_rate_hz, MOST_OF_RATE));
    rows[k] = cabs(m.ll), rows[row + k] = cabs(m.rr);
    rows[2 * row + k] = cabs(m.ll + m.lr + m.rl + m.rr) / 2;
    rows[3 * row + k] = cabs(m.ll - m.lr - m.rl + m.rr) / 2;
  }
}
