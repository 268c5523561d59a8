/* eq_response.h - what the equaliser does to a sine, from the coefficients it runs with: for drawing. Not for the audio thread.
 *
 *   Band     H(f), the product of its sections (section_response.h), on the channels it works on; 1 on the others
 *   All      the product over the bands, in their order, of complex 2 x 2 matrices from (left, right) to (left, right); mid is
 *            (l + r)/2, side (l - r)/2. Bands on left or right and bands on mid or side meet with their phases, as they do on air.
 *   Dynamic  a dynamic band stands at its offset 0.
 * Any thread, pure. */
#pragma once
#include "eq.h"

enum {
  EQ_RESPONSES = 4
}; /* what stays of: the left in the left, the right in the right, the mid in the mid, the side in the side */

/* `rows`: EQ_RESPONSES rows of `points` magnitudes, linear, at frequencies_hz, each held below half the sample rate. */
void eq_response(const eq_coefs *coefs, double sample_rate_hz, const double *frequencies_hz, uint32_t points, double *rows);
