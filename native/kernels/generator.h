/* generator.h - line-up tone and pink noise in place of the programme. It stands before the limiter, so the ceiling holds. Latency 0. */
#pragma once
#include "format.h"

enum { GENERATOR_TONE, GENERATOR_PINK };

typedef struct {
  int32_t on;
  int32_t signal; /* GENERATOR_... */
  double frequency_hz; /* 20 .. 20000: the tone's */
  double level_dbfs; /* -60 .. 0: a tone's peak, or RMS + 3.01 dB of the noise */
} generator_params;

typedef struct {
  coefs_change change;
} generator_coefs;

typedef struct {
  uint64_t serial;
} generator;

void generator_design(generator_coefs *coefs, const generator_params *params, const stream_format *format); /* any thread, pure */
void generator_reset(generator *state); /* audio thread */
void generator_process(generator *state, const generator_coefs *coefs, double *left, double *right,
                       uint32_t frames); /* audio thread, in place */
