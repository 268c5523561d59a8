/* matched.h - a second-order section that follows its analog prototype up to the edge of hearing, in state-variable form.
 *
 * Prototype   Ha(s) = (n0 + n1 s + n2 s^2) / (d0 + d1 s + d2 s^2),  s = j f/f0
 * Section     H(t)  = (low + band t + high t^2) / (1 + k t + t^2),  t = j tan(pi f/fs) / g
 *             which the trapezoidal state-variable filter gives with m0 = high, m1 = band - k high, m2 = low - high.
 * Poles       matched z: exp(s w0) for every pole s. g and k come from |1-p|^2, |1+p|^2 and 1-|p|^2 without cancellation, so a
 *             20 Hz filter at 192 kHz is as exact as any other.
 * Zeros       |H|^2 = (low^2 + c |t|^2 + high^2 |t|^4) / (...): c and high^2 by least squares of the relative error of |H|^2 against
 *             |Ha|^2, reweighted towards equal ripple (C. L. Lawson), three times looser at 20 kHz than below 10 kHz. The gain
 *             at 0 Hz is exact. From there poles and zeros move together (C. K. Sanathanan, J. Koerner) while that helps. A high-pass
 *             keeps its zeros at 0 Hz and has its poles fitted instead. matched_fit.h does it.
 * References  M. Vicanek, "Matched Second Order Digital Filters" (2016): the squared-magnitude basis, and the closed form kept here as
 *             a fall-back. A. Simper, "Linear Trapezoidal State Variable Filter" (2013): the structure. Any thread, pure. */
#pragma once
#include <stdint.h>

typedef struct {
  double numerator[3], denominator[3]; /* ascending powers of s/w0; the poles are in the left half plane or on the axis */
} analog_section;

typedef struct {
  double g, k, m0, m1, m2; /* g, k > 0; identity is m0 = 1, m1 = m2 = 0 */
} svf_coefs;

enum {
  MATCHED_ZEROS,  /* poles by matched z, zeros fitted */
  MATCHED_CORNER, /* the same, and exact at frequency_hz */
  MATCHED_POLES,  /* zeros by matched z, poles fitted: the reciprocal of the reciprocal prototype */
};

/* The section for 0 < frequency_hz < sample_rate_hz / 2: the fit, or where it has no real zeros Vicanek's form, or the bilinear one. */
void matched_design(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz, int32_t way);
/* A second-order high-pass with poles by matched z, exact at frequency_hz. One alone is less exact than the fit, but in a Butterworth
 * cascade of fourth order and up their errors cancel to hundredths of a decibel. */
void matched_high_pass(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz);
/* Exact gain at 0 Hz and exact gain and slope at frequency_hz. Returns 0, and leaves `svf` alone, when there is none. */
int32_t matched_vicanek(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz);
/* Bilinear transform, exact at 0 Hz and frequency_hz; always possible. */
void matched_bilinear(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz);
