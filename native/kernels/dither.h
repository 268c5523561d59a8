/* dither.h - quantisation to an integer word for a file, with triangular dither (TPDF). Latency 0.
 *
 *   y = floor(x 2^(bits-1) + u1 + u2 - 1/2) / 2^(bits-1),  u1, u2 independent and uniform in (0, 1)
 *
 * held to [-1, 1 - 2^(1-bits)], so y 2^(bits-1) is always an integer that fits. Total error LSB^2/4: -93.32 dB below a full-scale
 * sine at 16 bits, whatever the programme, silence too (Lipshitz, Wannamaker, Vanderkooy, JAES 40(5), 1992).
 * The uniforms are the halves of SplitMix64 of a frame counter: the same seed gives the same bits, each channel has its own. */
#pragma once
#include "format.h"

typedef struct {
  int32_t bits; /* 16, 20 or 24 */
} dither_params;

typedef struct {
  double steps;            /* quantisation steps per unit: 2^(bits - 1) */
} dither_coefs;

typedef struct {
  uint64_t counter[2];
} dither;

void dither_design(dither_coefs *coefs, const dither_params *params, const stream_format *format); /* any thread, pure */
void dither_reset(dither *state, uint64_t seed);                                                    /* any thread */
void dither_process(dither *state, const dither_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* any thread, in place */
