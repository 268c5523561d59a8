/* eq_matrix.h - all bands of the equaliser as one 2 x 2 matrix from (left, right) to (left, right). Not for the audio thread.
 *
 * A template: its user defines eq_number (double for magnitudes, double complex for responses) before it, and gives eq_matrix_at
 * the response of a band. A band acts on its channels and is 1 on the others; the product runs over the bands in their order; mid
 * is (l + r)/2, side (l - r)/2. Pure. */
#pragma once
#include "eq.h"

typedef struct {
  eq_number ll, lr, rl, rr;
} eq_matrix;

/* Of band `at`, at half the angle of a frequency. */
typedef eq_number (*eq_band_response)(const eq_coefs *coefs, int at, double sine, double cosine);

static eq_matrix eq_band_matrix(const eq_band_coefs *band, eq_number response) {
  eq_number first = band->lanes & LANE_FIRST ? response : 1, second = band->lanes & LANE_SECOND ? response : 1;
  eq_number both = (first + second) / 2, difference = (first - second) / 2;
  return band->mid_side ? (eq_matrix){both, difference, difference, both} : (eq_matrix){first, 0, 0, second};
}

/* b after a */
static eq_matrix eq_matrix_after(const eq_matrix *a, const eq_matrix *b) {
  return (eq_matrix){b->ll * a->ll + b->lr * a->rl, b->ll * a->lr + b->lr * a->rr, b->rl * a->ll + b->rr * a->rl,
                     b->rl * a->lr + b->rr * a->rr};
}

static eq_matrix eq_matrix_at(const eq_coefs *coefs, double half_angle, eq_band_response response) {
  double sine = sin(half_angle), cosine = cos(half_angle);
  eq_matrix all = {1, 0, 0, 1};
  for (int i = 0; i < EQ_BANDS; i++) {
    if (!coefs->band[i].sections) continue;
    eq_matrix band = eq_band_matrix(&coefs->band[i], response(coefs, i, sine, cosine));
    all = eq_matrix_after(&all, &band);
  }
  return all;
}
