/* clipper_points.h - from the driven programme at four times the rate to what is taken away, at four and at two times the rate.
 *
 *   x at 8x: between two points x_k, x_k+1 of 4x lies NEAR (x_k + x_k+1) + FAR (x_k-1 + x_k+2), -68 dB to 17 kHz at 44.1 kHz
 *   mean of r over each of the eight lines of a frame, then 8x -> 4x by (1, 3, 3, 1) / 8, whose three zeros lie on what would fold
 *   to 0 Hz; the points of 4x lie at 1/8, 3/8, 5/8, 7/8 of a frame
 *
 * Together both lose cos^4(pi f / 8 fs): the filter behind makes up for it. */
#pragma once
#include <string.h>

#include "clipper.h"
#include "clipper_bend.h"

static const double EIGHTH_NEAR = 0.5655, EIGHTH_FAR = -0.0655;

/* The programme at 4x. Frame n has its four points, and the next frame its first three. */
typedef struct {
  const float *frame, *quarter, *half, *three_quarter;
} clipper_points;

OVERSAMPLE_INLINE double eighth(double before, double from, double to, double after) {
  return EIGHTH_NEAR * (from + to) + EIGHTH_FAR * (before + after);
}

/* Compared by their bits, which order positive numbers as their values do and need no branch. */
OVERSAMPLE_INLINE int32_t size_bits(float x) {
  float size = fabsf(x);
  int32_t bits;
  memcpy(&bits, &size, sizeof bits);
  return bits;
}

OVERSAMPLE_INLINE float largest_of(const float *x, uint32_t frames) {
  int32_t most = 0;
  for (uint32_t n = 0; n < frames; n++) most = size_bits(x[n]) > most ? size_bits(x[n]) : most;
  float size;
  memcpy(&size, &most, sizeof size);
  return size;
}

OVERSAMPLE_INLINE float largest_point(const clipper_points *x, uint32_t frames) {
  const float *points[CLIPPER_PHASES] = {x->frame, x->quarter, x->half, x->three_quarter};
  float most = 0;
  for (int i = 0; i < CLIPPER_PHASES; i++) {
    float size = largest_of(points[i], frames);
    most = size > most ? size : most;
  }
  return most;
}

/* What is taken away at the four points of a frame, and what its last line and the next frame's first give to that frame's first point:
 * separate arrays of the caller's own, else the compiler fears that they overlap what is read. */
typedef struct {
  float at[CLIPPER_PHASES][CLIPPER_BLOCK_FRAMES], owed[CLIPPER_BLOCK_FRAMES];
} clipper_taken;

OVERSAMPLE_INLINE void take_away(clipper_taken *taken, const double *softness, const clipper_points *x, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    bend b = bend_of(softness[n]);
    double x0 = (double)x->frame[n], x1 = (double)x->quarter[n], x2 = (double)x->half[n], x3 = (double)x->three_quarter[n];
    double x4 = (double)x->frame[n + 1], x5 = (double)x->quarter[n + 1], x6 = (double)x->half[n + 1];
    bend_point a = bend_at(&b, eighth((double)x->three_quarter[(int)n - 1], x0, x1, x2)), c = bend_at(&b, x1);
    bend_point d = bend_at(&b, eighth(x0, x1, x2, x3)), e = bend_at(&b, x2), f = bend_at(&b, eighth(x1, x2, x3, x4));
    bend_point g = bend_at(&b, x3), h = bend_at(&b, eighth(x2, x3, x4, x5)), i = bend_at(&b, x4);
    bend_point j = bend_at(&b, eighth(x3, x4, x5, x6));
    double r1 = mean_residual(&b, a, c), r2 = mean_residual(&b, c, d), r3 = mean_residual(&b, d, e), r4 = mean_residual(&b, e, f);
    double r5 = mean_residual(&b, f, g), r6 = mean_residual(&b, g, h), r7 = mean_residual(&b, h, i), r8 = mean_residual(&b, i, j);
    taken->at[0][n] = (float)(0.125 * (3 * r1 + r2));
    taken->at[1][n] = (float)(0.125 * ((r1 + r4) + 3 * (r2 + r3)));
    taken->at[2][n] = (float)(0.125 * ((r3 + r6) + 3 * (r4 + r5)));
    taken->at[3][n] = (float)(0.125 * ((r5 + r8) + 3 * (r6 + r7)));
    taken->owed[n] = (float)(0.125 * (r7 + 3 * r8));
  }
}

/* Into the channel, whose `owed` is that of the frame before. */
OVERSAMPLE_INLINE void keep_taken(clipper_channel *c, const clipper_taken *taken, uint32_t frames) {
  float *first = c->residual[0] + CLIPPER_SHORT_FRAMES;
  for (int i = 0; i < CLIPPER_PHASES; i++) memcpy(c->residual[i] + CLIPPER_SHORT_FRAMES, taken->at[i], frames * sizeof(float));
  first[0] += c->owed;
  for (uint32_t n = 1; n < frames; n++) first[n] += taken->owed[n - 1];
  c->owed = taken->owed[frames - 1];
}

/* Middle of the four interleaved sequences, between point `first - 1` and point `first` of the frame. */
OVERSAMPLE_INLINE void join(float *y, const float *const phase[CLIPPER_PHASES], int first, const float *taps, int pairs) {
  oversample_sums sum = {{0}, {0}, {0}, {0}};
  for (int k = 0; k < pairs; k++) {
    unsigned after = (unsigned)(first + k) + 4 * CLIPPER_PHASES, before = (unsigned)(first - 1 - k) + 4 * CLIPPER_PHASES;
    oversample_tap(&sum, taps[k], phase[before % CLIPPER_PHASES] + (int)(before / CLIPPER_PHASES) - 4,
                   phase[after % CLIPPER_PHASES] + (int)(after / CLIPPER_PHASES) - 4);
  }
  oversample_store(y, &sum);
}
