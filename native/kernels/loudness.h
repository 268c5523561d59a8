/* loudness.h - ITU-R BS.1770-5 K-weighting and 10 ms energy bins, on the audio thread; everything that needs
 * memory or sorting (M, S, I, LRA) is made from the bins by loudness_book, on any other thread.
 *
 * A bin is the mean square of the K-weighted left plus that of the right over 10 ms. The kernel writes bins into a journal that it
 * overwrites when nobody reads: it never waits. 8192 bins hold 81.92 s. */
#pragma once
#include "format.h"

enum { LOUDNESS_JOURNAL_BINS = 8192 };

typedef struct {
  uint32_t bin_frames; /* 10 ms */
} loudness_coefs;

typedef struct {
  double journal[LOUDNESS_JOURNAL_BINS];
  uint64_t written;    /* bins since reset; read with loudness_written from other threads */
} loudness;

void loudness_design(loudness_coefs *coefs, const stream_format *format); /* any thread, pure */
void loudness_reset(loudness *state);                                      /* audio thread */
void loudness_process(loudness *state, const loudness_coefs *coefs, const double *left, const double *right,
                      uint32_t frames);                                    /* audio thread; reads only */
/* Copies bins [from, written) into `bins`, at most `most`, oldest first; returns how many. `*from` moves to the bin after the
 * last one copied; bins that were overwritten before they were read are added to `*lost`. Any one thread, never waits. */
uint32_t loudness_collect(const loudness *state, uint64_t *from, double *bins, uint32_t most, uint64_t *lost);
