/* limiter.h - look-ahead brickwall on an oversampled true-peak detector. Nothing leaves above the ceiling. */
#pragma once
#include "format.h"

typedef struct {
  double drive_db;        /* 0 .. 24: gain into the limiter */
  double ceiling_dbtp;    /* -12 .. 0 */
  double hold_ms;         /* 0 .. 50 */
  double release_ms;      /* 10 .. 1000: isolated peaks */
  double release_slow_ms; /* 100 .. 5000: sustained reduction */
} limiter_params;

typedef struct {
  coefs_change change;
} limiter_coefs;

typedef struct {
  uint64_t serial;
  double reduction_db;    /* largest reduction since the meters took it; >= 0 */
} limiter;

uint32_t limiter_latency_frames(const stream_format *format); /* constant for a format */
void limiter_design(limiter_coefs *coefs, const limiter_params *params, const stream_format *format); /* any thread, pure */
void limiter_reset(limiter *state);                                                                    /* audio thread */
void limiter_process(limiter *state, const limiter_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
