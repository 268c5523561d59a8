/* stereo.h - width, mid/side balance, mono bass, balance, and width in three bands. Latency 0. */
#pragma once
#include "format.h"

typedef struct {
  int32_t on;
  double width_percent;       /* 0 mono .. 100 as it is .. 200 */
  double mid_side_balance_db; /* -12 .. 12: positive favours the side */
  double balance_db;          /* -12 .. 12: positive lowers the left */
  int32_t mono_bass;          /* the side is high-passed at mono_below_hz */
  double mono_below_hz;       /* 40 .. 400 */
  int32_t banded;             /* three widths instead of one alone */
  double low_mid_hz;          /* 60 .. 1000 */
  double mid_high_hz;         /* 1000 .. 10000 */
  double low_width_percent;   /* 0 .. 200, on top of width_percent */
  double mid_width_percent;
  double high_width_percent;
} stereo_params;

typedef struct {
  coefs_change change;
} stereo_coefs;

typedef struct {
  uint64_t serial;
} stereo;

void stereo_design(stereo_coefs *coefs, const stereo_params *params, const stream_format *format); /* any thread, pure */
void stereo_reset(stereo *state);                                                                   /* audio thread */
void stereo_process(stereo *state, const stereo_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* audio thread, in place */
