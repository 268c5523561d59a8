/* bypass.h - ramped crossfade between the processed programme and the untouched one, delayed by the same latency.
 * Settled on either side it is bit-exact: it copies, it does not multiply. The limiter stands behind it and is never bypassed. */
#pragma once
#include "format.h"

enum { BYPASS_FRAMES = 4096 }; /* power of two; holds the longest latency (960 frames at 192 kHz) and one chunk */

typedef struct {
  int32_t on;
} bypass_params;

typedef struct {
  coefs_change change;
  double dry;              /* 0 processed, 1 untouched */
  uint32_t latency_frames; /* of what is bypassed */
} bypass_coefs;

typedef struct {
  uint64_t serial;
  double dry, dry_step;
  uint32_t ramp_left_frames;
  uint32_t head;
  double delay[2][BYPASS_FRAMES];
} bypass;

void bypass_design(bypass_coefs *coefs, const bypass_params *params, const stream_format *format); /* any thread, pure */
void bypass_reset(bypass *state);                                                                   /* audio thread */
/* Remembers the untouched programme; `frames` at most BYPASS_FRAMES less the latency. Audio thread, before what may be bypassed. */
void bypass_remember(bypass *state, const double *left, const double *right, uint32_t frames);
void bypass_process(bypass *state, const bypass_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* audio thread, in place */
