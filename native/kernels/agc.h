/* agc.h - slow two-band leveller: brings the programme to a target loudness, and knows when to leave it alone. Latency 0. */
#pragma once
#include "format.h"

typedef struct {
  int32_t on;
  double target_lufs;           /* -36 .. -8 */
  double range_db;              /* 0 .. 24: the most it raises or lowers */
  double window_db;             /* 0 .. 10: whole width around the target inside which it is slow */
  double window_speed_percent;  /* 1 .. 100: speed inside the window */
  double attack_db_per_s;       /* 0.1 .. 20: lowering */
  double release_db_per_s;      /* 0.1 .. 20: raising */
  double gate_lufs;             /* -70 .. -20: below it the gain freezes */
  double platform_db;           /* -20 .. 20: where a frozen gain drifts */
  double drift_db_per_s;        /* 0 .. 1 */
  double bass_coupling_percent; /* 0 .. 100: how far the bass band follows the master band */
  double crossover_hz;          /* 80 .. 400 */
} agc_params;

typedef struct {
  coefs_change change;
} agc_coefs;

typedef struct {
  uint64_t serial;
  double gain_db[2]; /* bass, master: survives a restart, see agc_recall */
  int32_t frozen;    /* the gate holds */
} agc;

void agc_design(agc_coefs *coefs, const agc_params *params, const stream_format *format); /* any thread, pure */
void agc_reset(agc *state);                                                                /* audio thread */
void agc_recall(agc *state, const double gain_db[2]); /* after agc_reset: starts with these gains; held within the range */
void agc_process(agc *state, const agc_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
