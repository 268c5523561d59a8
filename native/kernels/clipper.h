/* clipper.h - oversampled clipper, soft to hard. Always in the path, so its latency is constant; off, it is a plain delay. */
#pragma once
#include "format.h"

typedef struct {
  int32_t on;
  double drive_db;         /* 0 .. 12 */
  double threshold_db;     /* -12 .. 0 dBFS: where it is flat */
  double softness_percent; /* 0 hard .. 100 soft: how far below the threshold it begins to bend */
} clipper_params;

typedef struct {
  coefs_change change;
} clipper_coefs;

typedef struct {
  uint64_t serial;
  double reduction_db; /* largest since the meters took it; >= 0 */
} clipper;

uint32_t clipper_latency_frames(const stream_format *format); /* constant for a format */
void clipper_design(clipper_coefs *coefs, const clipper_params *params, const stream_format *format); /* any thread, pure */
void clipper_reset(clipper *state);                                                                    /* audio thread */
void clipper_process(clipper *state, const clipper_coefs *coefs, double *left, double *right,
                     uint32_t frames); /* audio thread, in place */
