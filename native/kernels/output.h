/* output.h - the last stage: trim downwards, mute, word length. It can only lower what the limiter let through. Latency 0.
 *
 *   g[n]  walks in a straight line to 10^(trim_db / 20), or to 0 when muted; settled at 1 the programme is untouched, at 0 it is exactly 0
 *   v[n] = g[n] x[n] 2^(bits-1) - sum h[k] e[n-k],  k = 1 .. 9       flat: no h
 *   y[n] = s[n] / 2^(bits-1),  s[n] = floor(v[n] + u1 + u2 - 1/2),  e[n] = s[n] - v[n]        the quantiser of dither.h
 *
 * The error is e filtered by 1 - sum h z^-k, whatever the programme: white, or moved to where the ear is deaf. Every sample is an
 * integer that fits into the word. e is within +-1.5 steps, so the output leaves what the limiter let through by at most
 *   flat 1.5 steps; weighted 34 (44.1 kHz), 31 (48), 7 (88.2, 96), 5 (176.4, 192)      34 steps of 16 bits: 0.009 dB at full scale
 * per sample. The shape for 44.1 kHz is the 9-tap F-weighted one of Wannamaker (JAES 40(7/8), 1992); the others are the optimum for the
 * threshold of hearing (Terhardt 1979), its range limited to 50 or 40 dB, by linear prediction. */
#pragma once
#include "format.h"

enum { WORD_FLOAT, WORD_16, WORD_20, WORD_24 };
enum { SHAPING_FLAT, SHAPING_WEIGHTED };
enum { OUTPUT_TAPS = 9 };

typedef struct {
  double trim_db;        /* -24 .. 0 */
  int32_t mute;
  int32_t word_bits;     /* WORD_...: quantised with TPDF dither */
  int32_t noise_shaping; /* SHAPING_... */
} output_params;

typedef struct {
  coefs_change change;
  double gain;
  double steps;             /* 2^(bits - 1); 0: no quantiser */
  double taps[OUTPUT_TAPS]; /* h[1] .. h[9] */
} output_coefs;

typedef struct {
  uint64_t serial;
  uint32_t ramp_left_frames;
  double gain, gain_step;
  uint64_t counter[2];
  double error[2][OUTPUT_TAPS]; /* in steps, the newest first */
} output;

void output_design(output_coefs *coefs, const output_params *params, const stream_format *format); /* any thread, pure */
void output_reset(output *state);                                                                   /* audio thread */
void output_process(output *state, const output_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* audio thread, in place */
