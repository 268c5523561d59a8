/* resampler.h - stereo from one clock to another: interpolation at any ratio near 1.
 *
 *   y(p) = sum over n of x[n] h(n - p),   h(u) = sinc(u) kaiser(u / 64),  |u| < 64;   p moves on by 1 + deviation per output frame
 *
 * h is tabulated at 128 places per frame, and between them each tap is Lagrange's cubic of the four places around p. p is counted in
 * 2^-48 of a frame, so nothing accumulates and the result does not depend on the block.
 * J. O. Smith, "Digital Audio Resampling", and R. Schafer, L. Rabiner, "A digital signal processing approach to interpolation", 1973. */
#pragma once
#include <stdint.h>

enum { RESAMPLER_HALF_FRAMES = 64, RESAMPLER_TAPS = 2 * 64 };
enum { RESAMPLER_LATENCY_FRAMES = 64 + 1 }; /* of output, before the frame that is taken next */
enum { RESAMPLER_PLACES = 128, RESAMPLER_ROWS = 128 + 3 }; /* one row before the frame, two behind its last place */
enum { RESAMPLER_CHUNK_FRAMES = 256, RESAMPLER_TAKES_FRAMES = 256 + 4 }; /* most output of one call, and what it takes at +1 % */

typedef struct {
  double taps[RESAMPLER_ROWS][RESAMPLER_TAPS]; /* row i: p lies (i - 1) / RESAMPLER_PLACES behind the frame before the middle */
} resampler_coefs;

typedef struct {
  double past[2][RESAMPLER_TAPS + RESAMPLER_TAKES_FRAMES]; /* left, right: the RESAMPLER_TAPS frames around p first */
  uint64_t place; /* of p in its frame, 2^-48 */
} resampler;

void resampler_design(resampler_coefs *coefs); /* any thread, pure */
void resampler_reset(resampler *state); /* audio thread; what has been is silence */
uint64_t resampler_stride(double deviation); /* |deviation| <= 0.01, as 2^-48 frames of input per frame of output */
/* Frames of input that the next `frames` (at most RESAMPLER_CHUNK_FRAMES) take. */
uint32_t resampler_takes(const resampler *state, uint64_t stride, uint32_t frames);
/* Where the next input goes: RESAMPLER_TAKES_FRAMES of left (0) or right (1), for the functions below. */
double *resampler_entry(resampler *state, int32_t side);
void resampler_process(resampler *state, const resampler_coefs *coefs, uint64_t stride, double *left, double *right,
                       uint32_t frames);
void resampler_pass(resampler *state, uint64_t stride, uint32_t frames); /* as if processed, without the sound */
void resampler_remember(resampler *state, uint32_t frames); /* of input: they have been, and p stays where it is in its frame */
