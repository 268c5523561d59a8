/* compressor.h - feed-forward, log-domain compressor with a smooth decoupled detector. */
#pragma once
#include "format.h"

enum { DETECTOR_PEAK, DETECTOR_RMS };
enum { SIDECHAIN_OFF, SIDECHAIN_12, SIDECHAIN_24 };

typedef struct {
  int32_t on;
  int32_t detector;              /* DETECTOR_PEAK or DETECTOR_RMS */
  double threshold_db;           /* -60 .. 0 dBFS */
  double ratio;                  /* 1 .. 100; 100 is a limiter (1/ratio = 0) */
  double knee_db;                /* 0 .. 24: whole width */
  double attack_ms;              /* 0.1 .. 1000: 63.2 % of the change in dB */
  double release_ms;             /* 5 .. 5000 */
  int32_t auto_release;          /* a slow release joins in after sustained reduction */
  double lookahead_ms;           /* 0 .. 5 (normal latency) or 0 .. 0.5 (low): the audio delay is always the whole of it */
  double rms_window_ms;          /* 1 .. 100 */
  double sidechain_high_pass_hz; /* 20 .. 500 */
  int32_t sidechain_slope_db_per_oct; /* SIDECHAIN_... */
  double link_percent;           /* 0 .. 100 */
  double range_db;               /* 0 .. 60: the most it may reduce */
  double makeup_db;              /* -12 .. 24 */
  int32_t auto_makeup;           /* adds half of what the curve takes from 0 dBFS */
  double mix_percent;            /* 0 .. 100: 100 is compressed only */
} compressor_params;

typedef struct {
  coefs_change change;
} compressor_coefs;

typedef struct {
  uint64_t serial;
  double reduction_db[2];        /* largest reduction since the meters took it; >= 0 */
} compressor;

uint32_t compressor_latency_frames(const stream_format *format); /* constant for a format */
void compressor_design(compressor_coefs *coefs, const compressor_params *params, const stream_format *format); /* any thread, pure */
void compressor_reset(compressor *state);                                                                       /* audio thread */
void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
