/* truepeak.h - true-peak meter: oversampled, with the peak between the points found by a parabola. */
#pragma once
#include "format.h"

typedef struct {
  uint32_t oversampling; /* 4 up to 96 kHz, 2 above */
} truepeak_coefs;

typedef struct {
  double peak[2];        /* linear, per channel, largest since the meters took it */
} truepeak;

void truepeak_design(truepeak_coefs *coefs, const stream_format *format); /* any thread, pure */
void truepeak_reset(truepeak *state);                                      /* audio thread */
void truepeak_process(truepeak *state, const truepeak_coefs *coefs, const double *left, const double *right,
                      uint32_t frames);                                    /* audio thread; reads only */
