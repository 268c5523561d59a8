/* limiter.h - look-ahead brickwall on an oversampled true-peak detector. Nothing leaves above the ceiling.
 *
 *   q[n] = max(0, log2(peak[n] / c))            octaves of reduction that frame n requires, c 0.05 dB below the ceiling
 *   R[n] = max q over the last L + 1 + hold     L: look-ahead, 5 ms (normal latency) or 1.5 ms (low)
 *          and, unless transparent, what bass_hold.h holds over L + 1 + hold_ms
 *   fast[n] = max(R[n], fast[n-1] exp(-1/(release_ms fs)))                      returns after isolated peaks
 *   slow[n] = mean of max q over L + 1, one pole of release_slow_ms             sustained reduction stays as a floor
 *   g[n] = 2^-max(fast, slow),  gain = g through three boxes of total support L + 1,  y[n] = drive x[n - latency] gain[n]
 *
 * Every value under the boxes is at most what the delayed frame requires, so their mean is too, for any release. The boxes are integer
 * sums: no drift, and a gain of exactly 1 when nothing is reduced. Drive and ceiling ramp; every frame obeys the ceiling of its entry.
 * Modes scale hold, release_ms and release_slow_ms: transparent 1, 1, 1; balanced 0.3, 0.5, 0.7; loud 0, 0.2, 0.4: denser, at the price of
 * intermodulation. A change of mode is like a change of the times: it moves what R and fast return to, and the boxes smooth the gain.
 * Latency = L + DETECTOR_DELAY_FRAMES. The cost does not depend on the signal. */
#pragma once
#include "bass_hold.h"
#include "detector.h"
#include "windows.h"

enum { LIMITER_TRANSPARENT, LIMITER_BALANCED, LIMITER_LOUD };

typedef struct {
  int32_t mode;           /* LIMITER_...: scales hold and releases; see the table in limiter.c */
  double drive_db;        /* 0 .. 24: gain into the limiter */
  double ceiling_dbtp;    /* -12 .. 0 */
  double hold_ms;         /* 0 .. 50 */
  double release_ms;      /* 10 .. 1000: isolated peaks */
  double release_slow_ms; /* 100 .. 5000: sustained reduction */
} limiter_params;

typedef struct {
  coefs_change change;
  double drive, ceiling;       /* linear; the ceiling with its margin */
  float deeper;                /* factor of the required octaves, a little above 1 */
  double fast_keep, slow_keep; /* per frame */
  uint32_t lookahead_frames;
  uint32_t window_frames;      /* look-ahead + 1 + hold */
  uint32_t levels;             /* of the sliding maximum, for the longest hold of this format */
  uint32_t box_frames[3];
  detector_coefs detector;
  bass_hold_coefs bass;
} limiter_coefs;

typedef struct {
  double target, step; /* value = target - step * ramp frames left */
} limiter_ramp;

typedef struct {
  uint64_t serial;
  double reduction_db;    /* largest reduction since the meters took it; >= 0 */
  uint32_t frame;         /* since reset */
  uint32_t ramp_left_frames;
  limiter_ramp drive, ceiling;
  double fast, slow;      /* octaves */
  float ceilings[DETECTOR_DELAY_FRAMES + WINDOW_BLOCK_FRAMES]; /* what the frames inside the detector must obey */
  detector detector[2];
  sliding_max required;   /* octaves */
  box boxes[3];
  delay_line audio[2];
  bass_hold bass;
  int32_t bass_heard;
  delay_line allowed;          /* largest gain of each frame */
} limiter;

uint32_t limiter_latency_frames(const stream_format *format); /* constant for a format */
void limiter_design(limiter_coefs *coefs, const limiter_params *params, const stream_format *format); /* any thread, pure */
void limiter_reset(limiter *state);                                                                    /* audio thread */
void limiter_process(limiter *state, const limiter_coefs *coefs, double *left, double *right,
                     uint32_t frames); /* audio thread, in place */
