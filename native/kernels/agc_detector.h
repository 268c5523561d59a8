/* agc_detector.h - how loud the programme and its bass are: K-weighted power in bins of 10 ms.
 *
 *     all   = sum over both channels of (k*x)^2           k: K-weighting, ITU-R BS.1770-5 Annex 1, as in loudness.h
 *     bass  = sum over both channels of (b*k*x)^2         b: Butterworth low-pass, 24 dB/oct, at the crossover
 * |b|^2 and 1 - |b|^2 add up to one, so all - bass is the power of the other band, and all of it is counted once.
 * Loudness is -0.691 + 10 log10 of a mean. Two windows, both without a fade: the last 400 ms for the gate (momentary), and the last
 * 0.4 .. 3 s of programme for the gain (level). Level takes in a bin only when told to: what a gate holds off is not programme. */
#pragma once
#include "loudness.h"

enum { AGC_GATE_BINS = 40, AGC_LEVEL_BINS = 300 };

typedef struct {
  loudness_coefs weighting; /* with bin_frames: 10 ms */
  double corner;            /* tan(pi crossover / sample rate) */
} agc_detector_coefs;

typedef struct {
  double weighting[2][2][2]; /* stage, delay, channel: transposed direct form II */
  double split[2][2][2];     /* section, integrator, channel */
  double energy[2][2];       /* of the bin that is being filled: all and bass, per channel */
  uint32_t filled_frames;
  double bin[2];             /* the last one: all, bass */
  double momentary[AGC_GATE_BINS];
  double level[2][AGC_LEVEL_BINS];
  uint32_t momentary_bins, level_bins; /* since reset; they stop at twice the window, to wrap */
} agc_detector;

/* Audio thread, all of it. */
void agc_detector_process(agc_detector *state, const agc_detector_coefs *coefs, const double *left, const double *right,
                          uint32_t frames); /* at most up to the end of the bin */
/* At the end of a bin; power of the last 400 ms, below 0 while there are fewer. */
double agc_detector_momentary(agc_detector *state, const agc_detector_coefs *coefs);
/* Takes the last bin into level; power of all and bass over `bins`, below 0 while there are less than 400 ms. */
void agc_detector_level(agc_detector *state, uint32_t bins, double power[2]);
