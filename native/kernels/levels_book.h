/* levels_book.h - correlation, balance, width, DC, crest, PSR, PLR and DR from what levels.h journals.
 *
 *   correlation = <LR> / sqrt(<L^2> <R^2>)          < > : exponential mean, time constant 400 ms, stepped every 10 ms; 0 in silence
 *   balance_db  = 10 log10(<R^2> / <L^2>)           positive: to the right
 *   width_db    = 10 log10(<S^2> / <M^2>)           M = (L + R) / 2, S = (L - R) / 2
 *   dc          = mean over 3 s, linear
 *   crest_db    = true peak / RMS over 3 s          a sine: 3.01
 *   PSR         = true peak of both channels over 3 s - short-term loudness of the same 3 s; every 100 ms, where that is above -70 LUFS
 *                 (AES 143rd convention, e-brief of Shepherd, Hetherington and Aguilera)
 *   PLR         = highest true peak since reset - integrated loudness                          (AES TD1004)
 *   DR          per channel 20 log10(second highest block peak / sqrt(mean square of the loudest fifth of the blocks)), blocks of 3 s with
 *               a mean square of twice that of the samples, so that a full-scale sine has 0 dB; then the mean of the channels that sound.
 *               The fifth is rounded down, at least one block; an incomplete block is dropped; two blocks at least ("Measuring DR" 1.3)
 *
 * What does not exist yet, or is silence, is LEVELS_NONE; ratios in dB are held within +-LEVELS_MOST_DB; nothing is ever NaN or infinite.
 * Memory does not grow: blocks go into classes of 0.01 dB, which hold number and energy, so only the class that the loudest fifth ends in
 * is counted by its mean. Not for the audio thread. One thread at a time. */
#pragma once
#include "levels.h"

enum { LEVELS_NONE = -200, LEVELS_MOST_DB = 200 };
enum { LEVELS_WINDOW_BINS = 300 };
enum { LEVELS_CLASSES = 14000 }; /* 0.01 dB each from -100 dB to +40 dB */

typedef struct {
  uint64_t count[LEVELS_CLASSES];
  double power[LEVELS_CLASSES];
} levels_histogram;

typedef struct {
  uint64_t bins;                       /* since reset */
  levels_bin window[LEVELS_WINDOW_BINS]; /* the newest 3 s, as a ring */
  double power[2], product;            /* exponential means */
  double power_sum[2], product_sum, sum[2]; /* since reset */
  double true_peak_max;                /* linear */
  double psr_min_db;
  uint64_t blocks;
  double peak[2][2];                   /* highest and second highest block peak of each channel */
  levels_histogram classes[2];
} levels_book;

typedef struct {
  double correlation, balance_db, width_db;
  double dc[2];
  double crest_db[2];
  double psr_db, psr_min_db;
  double plr_db;
  double dr_db;                        /* not rounded */
  double programme_correlation, programme_balance_db, programme_dc[2]; /* since reset */
  double true_peak_max;                /* linear, since reset */
} levels_reading;

void levels_book_reset(levels_book *book);
void levels_book_add_bins(levels_book *book, const levels_bin *bins, uint32_t count); /* what is not finite: silence */
void levels_book_add_blocks(levels_book *book, const levels_block *blocks, uint32_t count);
/* `integrated_lufs` is loudness_book's of the same programme. */
void levels_book_read(const levels_book *book, double integrated_lufs, levels_reading *reading);
