/* loudness_book.h - momentary, short-term and integrated loudness and loudness range, from the 10 ms bins of loudness.h.
 *
 *   loudness(power) = -0.691 + 10 log10(power)                                                ITU-R BS.1770-5 Annex 1
 *   M  power over 400 ms (40 bins), evaluated every bin; first after 400 ms                   EBU Tech 3341
 *   S  power over 3 s (300 bins), evaluated every bin; first after 3 s
 *   I  mean power of the 400 ms blocks, one every 100 ms, above -70 LUFS and above (mean of those) - 10 LU; an incomplete block is dropped
 *   LRA  95th less 10th percentile of S, one every 100 ms, from -70 LUFS and from (mean power of those) - 20 LU      EBU Tech 3342
 *
 * A value that does not exist yet, or is silence, is LOUDNESS_NONE (-200); nothing is ever NaN or infinite. Memory does not grow:
 * the blocks of the first hour are kept one by one, and I is exact; all blocks also go into classes of 0.01 LU, which hold their
 * number and their energy, so only those in the class of a gate itself are judged together, by their mean: after the first hour
 * I stays within 0.01 LU of exact. LRA is from classes and within 0.02 LU.
 * Not for the audio thread: adding costs a logarithm now and then, reading some 20 us. One thread at a time. */
#pragma once
#include "format.h"

enum { LOUDNESS_NONE = -200 };
enum { LOUDNESS_MOMENTARY_BINS = 40, LOUDNESS_SHORT_TERM_BINS = 300 };
enum { LOUDNESS_CLASSES = 11000 };          /* 0.01 LU each from -70 LUFS to +40 LUFS */
enum { LOUDNESS_EXACT_BLOCKS = 36000 };     /* one hour of 400 ms blocks, ten a second */
enum { LOUDNESS_RANGE_STABLE_SECONDS = 60 }; /* Tech 3342: before that LRA is to be marked as unstable */

typedef struct {
  double tail[LOUDNESS_SHORT_TERM_BINS]; /* this round's bins, then the last round's sums from there to its end */
  double head;                               /* sum of this round's bins */
  uint32_t length, at, filled;
} loudness_window;

typedef struct {
  uint64_t count[LOUDNESS_CLASSES];
  double power[LOUDNESS_CLASSES];
} loudness_histogram;

typedef struct {
  uint64_t bins;                             /* since reset */
  loudness_window momentary, short_term;
  double momentary_max, short_term_max;      /* power */
  uint64_t blocks;                           /* above -70 LUFS */
  double block[LOUDNESS_EXACT_BLOCKS];       /* power of the first of them */
  loudness_histogram block_classes;          /* all of them */
  loudness_histogram short_term_classes;     /* for LRA */
} loudness_book;

typedef struct {
  double momentary_lufs;
  double short_term_lufs;
  double integrated_lufs;
  double range_lu;
  double momentary_max_lufs;
  double short_term_max_lufs;
  double seconds;        /* of programme since reset */
  int32_t range_stable;  /* 1 from LOUDNESS_RANGE_STABLE_SECONDS on */
} loudness_reading;

void loudness_book_reset(loudness_book *book);
void loudness_book_add(loudness_book *book, const double *bins, uint32_t count); /* NaN, below 0, above 1e8: silence */
void loudness_book_read(const loudness_book *book, loudness_reading *reading);
