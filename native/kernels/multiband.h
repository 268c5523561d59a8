/* multiband.h - two to six bands, each with a compressor and a limit, that sum flat. Latency 0. */
#pragma once
#include "compressor.h"

enum { MULTIBAND_BANDS = 6 };
enum { CROSSOVER_24, CROSSOVER_48 };

typedef struct {
  int32_t on;          /* its compressor works */
  int32_t solo;
  int32_t mute;
  double threshold_db; /* as in compressor.h, each of these */
  double ratio;
  double knee_db;
  double attack_ms;
  double release_ms;
  int32_t auto_release;
  double range_db;
  double gain_db;      /* -24 .. 24: after the compressor */
  int32_t limit;
  double limit_db;     /* -40 .. 0 dBFS: nothing of this band's level is let above, fast */
} multiband_band_params;

typedef struct {
  int32_t on;
  int32_t bands;              /* 0: two bands .. 4: six */
  int32_t slope_db_per_oct;   /* CROSSOVER_... */
  double crossover_1_hz;      /* 20 .. 20000, rising; a pair out of order is put right */
  double crossover_2_hz;
  double crossover_3_hz;
  double crossover_4_hz;
  double crossover_5_hz;
  double coupling_percent;    /* 0 .. 100: a band is reduced at least by this share of its louder neighbour's reduction */
  double link_percent;        /* 0 .. 100: stereo link of every band */
  double mix_percent;         /* 0 .. 100: the dry programme passes the same all-passes */
  multiband_band_params band[MULTIBAND_BANDS];
} multiband_params;

typedef struct {
  coefs_change change;
} multiband_coefs;

typedef struct {
  uint64_t serial;
  double reduction_db[MULTIBAND_BANDS][2]; /* largest since the meters took it; >= 0 */
} multiband;

void multiband_design(multiband_coefs *coefs, const multiband_params *params, const stream_format *format); /* any thread, pure */
void multiband_reset(multiband *state); /* audio thread */
void multiband_process(multiband *state, const multiband_coefs *coefs, double *left, double *right,
                       uint32_t frames); /* audio thread, in place */
