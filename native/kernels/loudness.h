/* loudness.h - ITU-R BS.1770-5 K-weighting and 10 ms energy bins, on the audio thread; everything that needs
 * memory or sorting (M, S, I, LRA) is made from the bins by loudness_book, on any other thread.
 *
 *   bin = mean over 10 ms of (k*left)^2 + (k*right)^2        k: the K-weighting of Annex 1, a shelf (stage 1) and a high-pass (stage 2)
 *   and of the mono sum, on both sides: (k*left + k*right)^2 / 2
 *
 * The table of the standard is for 48 kHz. At other rates both stages are designed again from the same prototypes by the bilinear
 * transform, and stage 2 is scaled so that its gain at the Nyquist frequency is what it is at 48 kHz: the response then stays within
 * 0.008 dB of the table's from 20 Hz to 20 kHz (0.04 dB at 192 kHz without the scale).
 *
 * The kernel writes bins into a journal that it overwrites when nobody reads: it never waits. 8192 bins hold 81.92 s. A bin that is
 * not finite or is above +80 dBFS is written as 0, and the filters start again: nothing unpredictable outlives its own bin. */
#pragma once
#include "format.h"

enum { LOUDNESS_JOURNAL_BINS = 8192 }; /* power of two */

typedef struct {
  double b[3];
  double a[2]; /* y = b0 x + b1 x' + b2 x'' - a0 y' - a1 y'' */
} loudness_stage;

typedef struct {
  uint32_t bin_frames; /* 10 ms */
  loudness_stage stage[2];
} loudness_coefs;

typedef struct {
  double memory[2][2][2];   /* stage, delay, channel */
  double energy[2];         /* of the bin that is being filled, per channel */
  double sum_energy;        /* and of left + right */
  uint32_t filled_frames;
  uint64_t written;         /* bins since reset; other threads read it through loudness_collect only */
  double journal[LOUDNESS_JOURNAL_BINS], mono_journal[LOUDNESS_JOURNAL_BINS];
} loudness;

void loudness_design(loudness_coefs *coefs, const stream_format *format); /* any thread, pure */
void loudness_reset(loudness *state);                                      /* audio thread; readers start again from bin 0 */
void loudness_process(loudness *state, const loudness_coefs *coefs, const double *left, const double *right,
                      uint32_t frames);                                    /* audio thread; reads only */
/* Copies bins [from, written) into `bins`, at most `most`, oldest first; returns how many. `*from` moves to the bin after the
 * last one copied; bins that were overwritten before they were read are added to `*lost`. Any one thread, never waits. */
uint32_t loudness_collect(const loudness *state, uint64_t *from, double *bins, uint32_t most, uint64_t *lost);
/* The same of the mono sum. */
uint32_t loudness_collect_mono(const loudness *state, uint64_t *from, double *bins, uint32_t most, uint64_t *lost);
