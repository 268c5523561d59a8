/* matched_fit.h - zeros, and then zeros and poles, of a section by least squares on the squared magnitude. Not bound. Any thread, pure.
 *
 * At some fifty frequencies the error of |H|^2 relative to |Ha|^2 is weighted by how strict the ear and the test are there, solved, and
 * weighted again by what is left (C. L. Lawson), which makes least squares tend to the least largest error. */
#pragma once
#include "matched_section.h"

/* What is to be followed. */
typedef struct {
  const analog_section *analog;
  double frequency_hz, sample_rate_hz;
  int32_t corner; /* exact at frequency_hz */
} goal;

/* High-pass: the zeros stand at 0 Hz, and it is the denominator that is fitted. */
static inline int32_t is_high_pass(const analog_section *a) { return a->numerator[0] == 0 && a->numerator[1] == 0; }

/* The numerator for poles and a gain at 0 Hz that stand; of a high-pass, whose zeros stand at 0 Hz, the denominator. Returns 0 when no
 * real section has it. */
int32_t fit_numerator(section *s, const goal *to);
/* Moves poles and zeros together for as long as that lessens the largest error. The gain at 0 Hz stands. */
void fit_all(section *s, const goal *to);
