/* linear_phase.h - the equaliser's magnitudes without their phase: a symmetric FIR for rendering files. Not for the audio thread.
 *
 *   Band      |H(f)|, the product of its sections' magnitudes (cascade.h), on the channels it works on; identity on the others
 *   Matrix    (left, right) out = product over the bands, in their order, of the bands' real 2 x 2 matrices; mid = (l + r)/2,
 *             side = (l - r)/2. An all-pass is 1 everywhere; a dynamic band stands at its offset 0.
 *   Impulse   the inverse real Fourier transform of an entry sampled at k fs / (2 points), k = 0 .. points: real and even, so its phase
 *             is exactly 0. What is aliased in time is what still rings after points / fs seconds.
 *   Length    2 half + 1 taps: half is the least power of two, from 0.68 s on, behind which less than 1e-11 of the energy lies, or
 *             points / 2; faded out over the last quarter by a raised cosine.
 * Any thread, pure. */
#pragma once
#include "eq.h"

enum { LINEAR_PHASE_ENTRIES = 4 }; /* left from left, left from right, right from left, right from right */

/* `rows`: LINEAR_PHASE_ENTRIES rows of points + 1. */
void linear_phase_matrix(const eq_coefs *coefs, double *rows, uint32_t points);
/* `impulse`: 2 points of it, from time 0, negative times at the end. */
uint32_t linear_phase_half_frames(const double *impulse, uint32_t points, double sample_rate_hz);
/* The taps, 2 half_frames + 1 of them; the middle one is time 0. */
void linear_phase_taps(double *taps, const double *impulse, uint32_t points, uint32_t half_frames);
