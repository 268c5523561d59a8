/* section_response.h - what a state-variable section does to a sine of frequency f, with t = j tan(w/2) / g and w = 2 pi f / fs:
 *
 *     (low + band t + high t^2) / (1 + k t + t^2),    low = m0 + m2, band = m1 + k m0, high = m0
 *
 * Both sides times cos^2(w/2): finite up to half the rate. Any thread, pure. */
#pragma once
#include "matched.h"

typedef struct {
  double even, odd;     /* numerator: real and imaginary part */
  double under, damped; /* denominator: the same */
} section_fraction;

/* `sine`, `cosine`: of w/2 */
static inline section_fraction section_response(const svf_coefs *svf, double sine, double cosine) {
  double s = sine / svf->g, c = cosine;
  double low = svf->m0 + svf->m2, band = svf->m1 + svf->k * svf->m0, high = svf->m0;
  return (section_fraction){low * c * c - high * s * s, band * s * c, c * c - s * s, svf->k * s * c};
}
