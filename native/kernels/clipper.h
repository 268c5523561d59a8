/* clipper.h - oversampled clipper, soft to hard. Always in the path, so its latency is constant; off, it is a plain delay.
 *
 *   f(x) = x                                   |x| <= T (1 - w)       w = softness: half the width of the bend, in thresholds
 *   f' falls from 1 to 0 as 1 - 3 u^2 + 2 u^3  u from 0 to 1 between T (1 - w) and T (1 + w): slope and curvature are continuous
 *   f(x) = +-T                                 |x| >= T (1 + w)
 *   y[n] = drive x[n - latency] - D(r),        r = x - f(x) of the driven programme at eight times the rate, D back to the rate
 *
 * Only what the clipper takes away goes through the filters: while nothing touches the bend, r is exactly 0 and y is the driven input,
 * and no filter colours what is not clipped. At eight times the rate r is averaged over the line between two points (antiderivative
 * antialiasing, clipper_bend.h) and comes down to four times with a smooth window (clipper_points.h): a hard clipper's harmonics fall by
 * 12 dB per octave only, and those around 4 fs would fold into the programme. The delay of half a point falls on the middle of an
 * even-length filter, whose response makes up for the loss of averaging, and so input and r meet exactly.
 *
 *   stage, pairs of taps        normal 44.1 kHz     normal, other       low 44.1 kHz        low 48 kHz
 *   1x -> 2x, half-band         28: 20 kHz, -81 dB  20: 20 kHz, -102    9: 16.8 kHz, -68    12: 18.7 kHz, -82
 *   2x -> 4x, half-band         6                   6                   4                   4
 *   4x -> 8x, half-band         2                   2                   2                   2
 *   8x -> 4x, even              2                   2                   2                   2
 *   4x -> 2x, even              8                   8                   6                   6
 *   2x -> 1x                    as 1x -> 2x         as 1x -> 2x         36: -83 dB          as 1x -> 2x
 *   latency                     60 frames           44                  20                  26
 *
 * Low at 44.1 kHz, 9 frames are too few for a symmetric filter between 20 kHz and what folds onto it. The last step is a filter of low
 * delay there, 72 taps of which 17 lie ahead: from 24.1 kHz on -83 dB, below a pure delay within -77 dB to 10, -48 dB to 16, -31 dB to
 * 18 and -11 dB to 20 kHz: what is taken away is inexact at the top, instead of folding.
 *
 * From 88.2 kHz on the low class takes the filters of the normal one. The filtered r overshoots between T and the limiter's ceiling as
 * every band-limited clipper does: the true-peak limiter stands behind. A block costs the same whatever the signal; settled off, nearly
 * nothing. */
#pragma once
#include "format.h"

enum { CLIPPER_PAIRS = 28, CLIPPER_BETWEEN_PAIRS = 6, CLIPPER_JOIN_PAIRS = 8, CLIPPER_LOW_DELAY_PAIRS = 36 };
enum { CLIPPER_BLOCK_FRAMES = 64, CLIPPER_PHASES = 4 };
enum { CLIPPER_PAST_FRAMES = 128 }; /* all that can still be heard of a frame: latency, and the filters before it */
enum { CLIPPER_FIR_FRAMES = 64, CLIPPER_SHORT_FRAMES = 8 };

typedef struct {
  int32_t on;
  double drive_db;         /* 0 .. 12 */
  double threshold_db;     /* -12 .. 0 dBFS: where it is flat */
  double softness_percent; /* 0 hard .. 100 soft: how far below the threshold it begins to bend */
} clipper_params;

typedef struct {
  double drive, threshold; /* linear; off: drive 1 */
  double softness;         /* w, 0 .. 1 */
  double wet;              /* 1 on, 0 off */
} clipper_settings;

typedef struct {
  coefs_change change;
  clipper_settings settings;
  uint32_t latency_frames;
  int32_t pairs, between_pairs, join_pairs;
  int32_t low_delay_pairs; /* 0: the last step is the half-band again */
  float half[CLIPPER_PAIRS]; /* taps, from the middle outwards */
  float between[CLIPPER_BETWEEN_PAIRS];
  float join[CLIPPER_JOIN_PAIRS];
  float low_delay[2 * CLIPPER_LOW_DELAY_PAIRS]; /* taps, from the newest point backwards */
} clipper_coefs;

/* One channel. Every array holds a past and, behind it, the block. */
typedef struct {
  double driven[CLIPPER_PAST_FRAMES + CLIPPER_BLOCK_FRAMES];
  float sample[CLIPPER_FIR_FRAMES + CLIPPER_BLOCK_FRAMES]; /* in thresholds */
  float half[CLIPPER_SHORT_FRAMES + CLIPPER_BLOCK_FRAMES]; /* the points between */
  float quarter[CLIPPER_SHORT_FRAMES + CLIPPER_BLOCK_FRAMES], three_quarter[CLIPPER_SHORT_FRAMES + CLIPPER_BLOCK_FRAMES];
  float residual[CLIPPER_PHASES][CLIPPER_SHORT_FRAMES + CLIPPER_BLOCK_FRAMES]; /* at 1/8, 3/8, 5/8, 7/8 of a frame */
  float owed; /* what the last line of a frame gives to the first residual of the next */
  float at_frame[CLIPPER_FIR_FRAMES + CLIPPER_BLOCK_FRAMES]; /* the residual at twice the rate: on the frame */
  float at_half[CLIPPER_FIR_FRAMES + CLIPPER_BLOCK_FRAMES]; /* and half a frame later */
} clipper_channel;

typedef struct {
  uint64_t serial;
  double reduction_db; /* largest since the meters took it; >= 0 */
  uint32_t ramp_left_frames;
  uint32_t rest_frames; /* for how long it has been settled off; CLIPPER_PAST_FRAMES: long enough to forget all */
  int32_t asleep; /* the filters' numbers are stale */
  clipper_settings now, step;
  double threshold[CLIPPER_PAST_FRAMES + CLIPPER_BLOCK_FRAMES]; /* under which each frame was clipped */
  clipper_channel channel[2];
} clipper;

uint32_t clipper_latency_frames(const stream_format *format); /* constant for a format */
void clipper_design(clipper_coefs *coefs, const clipper_params *params, const stream_format *format); /* any thread, pure */
void clipper_reset(clipper *state); /* audio thread */
void clipper_process(clipper *state, const clipper_coefs *coefs, double *left, double *right,
                     uint32_t frames); /* audio thread, in place */
