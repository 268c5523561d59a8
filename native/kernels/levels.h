/* levels.h - what the dynamics and stereo readings are made of: sums over 10 ms, and the 3 s blocks of DR, on the audio thread.
 * Windows, sorting and decibels are levels_book's, on any other thread.
 *
 *   bin    over 10 ms: means of left^2, right^2, left right, left, right; the true peak; and the K-weighted power of loudness.h
 *   block  over 3 s (3.004 s, 132480 frames, at 44.1 kHz, as the DR tools have it): means of left^2, right^2, and the sample peaks
 *
 * True peak and K-weighted power are measured by others: the caller leaves them in `true_peak` and `weighted` before it gives the frames
 * that end the bin (measuring.c does). Both journals are overwritten when nobody reads: 8192 bins hold 81.92 s, 64 blocks 192 s.
 * A stretch that is not finite or is above +80 dBFS counts as silence, and is forgotten with its bin. */
#pragma once
#include "format.h"

enum { LEVELS_JOURNAL_BINS = 8192, LEVELS_JOURNAL_BLOCKS = 64 }; /* powers of two */

typedef struct {
  double power[2];     /* mean square */
  double product;      /* mean of left * right */
  double mean[2];
  double true_peak[2]; /* linear; between the samples it comes DETECTOR_DELAY_FRAMES late */
  double weighted;     /* both channels, as a bin of loudness.h */
} levels_bin;

typedef struct {
  double power[2]; /* mean square */
  double peak[2];  /* linear, of the samples */
} levels_block;

enum { LEVELS_BIN_DOUBLES = 8, LEVELS_BLOCK_DOUBLES = 4 };

typedef struct {
  uint32_t bin_frames;   /* 10 ms */
  uint32_t block_frames; /* 3 s */
} levels_coefs;

typedef struct {
  double true_peak[2], weighted; /* the caller's */
  double power[2], product, sum[2], square_max[2]; /* of the frames since a bin or block last ended */
  uint32_t pending_frames;
  uint32_t bin_filled_frames, block_filled_frames;
  levels_bin bin;     /* sums until it is posted */
  levels_block block;
  uint64_t bins, blocks; /* posted since reset; other threads read them through the functions below only */
  double bin_journal[LEVELS_JOURNAL_BINS * LEVELS_BIN_DOUBLES];
  double block_journal[LEVELS_JOURNAL_BLOCKS * LEVELS_BLOCK_DOUBLES];
} levels;

void levels_design(levels_coefs *coefs, const stream_format *format); /* any thread, pure */
void levels_reset(levels *state);                                      /* audio thread; readers start again from 0 */
void levels_process(levels *state, const levels_coefs *coefs, const double *left, const double *right,
                    uint32_t frames);                                  /* audio thread; reads only */
/* Copy what is new into an array of `most`, oldest first; return how many. `*from` moves behind the last one copied; what was overwritten
 * before it was read is added to `*lost`. Any one thread, never wait. */
uint32_t levels_collect_bins(const levels *state, uint64_t *from, levels_bin *bins, uint32_t most, uint64_t *lost);
uint32_t levels_collect_blocks(const levels *state, uint64_t *from, levels_block *blocks, uint32_t most, uint64_t *lost);
