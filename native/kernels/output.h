/* output.h - the last stage: trim downwards, mute, word length. It can only lower what the limiter let through. Latency 0. */
#pragma once
#include "format.h"

enum { WORD_FLOAT, WORD_16, WORD_20, WORD_24 };
enum { SHAPING_FLAT, SHAPING_WEIGHTED };

typedef struct {
  double trim_db;        /* -24 .. 0 */
  int32_t mute;
  int32_t word_bits;     /* WORD_...: quantised with TPDF dither */
  int32_t noise_shaping; /* SHAPING_... */
} output_params;

typedef struct {
  coefs_change change;
} output_coefs;

typedef struct {
  uint64_t serial;
} output;

void output_design(output_coefs *coefs, const output_params *params, const stream_format *format); /* any thread, pure */
void output_reset(output *state);                                                                   /* audio thread */
void output_process(output *state, const output_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* audio thread, in place */
