/* eq.h - sixteen bands of parametric equaliser, each on stereo, left, right, mid or side. Latency 0. */
#pragma once
#include "format.h"

enum { EQ_BANDS = 16 };
enum { EQ_BELL, EQ_LOW_SHELF, EQ_HIGH_SHELF, EQ_TILT, EQ_LOW_PASS, EQ_HIGH_PASS, EQ_NOTCH, EQ_BAND_PASS, EQ_ALL_PASS };
enum { EQ_STEREO, EQ_LEFT, EQ_RIGHT, EQ_MID, EQ_SIDE };
enum { EQ_SLOPE_6, EQ_SLOPE_12, EQ_SLOPE_18, EQ_SLOPE_24, EQ_SLOPE_36, EQ_SLOPE_48, EQ_SLOPE_60, EQ_SLOPE_72, EQ_SLOPE_96 };

typedef struct {
  int32_t on;
  int32_t type;             /* EQ_BELL .. EQ_ALL_PASS */
  int32_t channel;          /* EQ_STEREO .. EQ_SIDE */
  int32_t slope_db_per_oct; /* EQ_SLOPE_...: low- and high-pass only */
  double frequency_hz;      /* 10 .. 20000; above 0.49 of the sample rate it is held there */
  double gain_db;           /* -24 .. 24: bell, shelves, tilt */
  double q;                 /* 0.1 .. 40 */
} eq_band_params;

typedef struct {
  int32_t on;
  eq_band_params band[EQ_BANDS];
} eq_params;

typedef struct {
  coefs_change change;
} eq_coefs;

typedef struct {
  uint64_t serial;
} eq;

void eq_design(eq_coefs *coefs, const eq_params *params, const stream_format *format); /* any thread, pure */
void eq_reset(eq *state);                                                               /* audio thread */
void eq_process(eq *state, const eq_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
