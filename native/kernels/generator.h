/* generator.h - line-up tone and pink noise in place of the programme. It stands before the limiter, so the ceiling holds. Latency 0.
 *
 *   y[n] = programme x[n] + tone sin(2 pi phase[n]) + pink p[n]        the three gains walk in straight lines, so a change crossfades
 *
 * The phase is a 64-bit integer: a frequency is kept to fs / 2^53 for ever, and changes without a step. The sine is a polynomial, within
 * 3e-16 of the law. p is white triangular noise, the same after every reset, through 12 real poles and zeros: -3.01 dB/oct +0.1/-0.3 dB from
 * 20 Hz to 20 kHz at every rate, a zero at 0 Hz. Its power, all of it, is that of a sine of the same level; 0.9 dB (44.1 kHz) to 1.6 dB
 * (192 kHz) of that lies below 20 Hz and above 20 kHz. Its peaks reach some 14 dB above its RMS. Both channels are the same. */
#pragma once
#include "format.h"

enum { GENERATOR_TONE, GENERATOR_PINK };
enum { GENERATOR_POLES = 12 };

typedef struct {
  int32_t on;
  int32_t signal; /* GENERATOR_... */
  double frequency_hz; /* 20 .. 20000: the tone's */
  double level_dbfs; /* -60 .. 0: a tone's peak, or RMS + 3.01 dB of the noise */
} generator_params;

typedef struct {
  double programme, tone, pink; /* gains */
  double turns_per_frame; /* of the tone */
} generator_settings;

typedef struct {
  coefs_change change;
  generator_settings settings;
  double direct, pole[GENERATOR_POLES], share[GENERATOR_POLES]; /* the pink filter as a sum of poles, for unit RMS */
} generator_coefs;

typedef struct {
  uint64_t serial;
  uint32_t ramp_left_frames;
  generator_settings now, step;
  uint64_t phase; /* 2^64 is a turn */
  uint64_t counter;
  double memory[GENERATOR_POLES];
} generator;

void generator_design(generator_coefs *coefs, const generator_params *params, const stream_format *format); /* any thread, pure */
void generator_reset(generator *state); /* audio thread */
void generator_process(generator *state, const generator_coefs *coefs, double *left, double *right,
                       uint32_t frames); /* audio thread, in place */
