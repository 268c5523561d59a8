/* truepeak.h - true-peak meter (ITU-R BS.1770-5 Annex 2): the detector of detector.h and the samples themselves.
 *
 * Within +-0.05 dB of 32x oversampling up to 20 kHz at 44.1 kHz. Samples count at once, what peaks between them
 * DETECTOR_DELAY_FRAMES later: at the end of a file process that many frames of silence. */
#pragma once
#include "detector.h"

typedef struct {
  uint32_t oversampling; /* 4 */
  detector_coefs detector;
} truepeak_coefs;

typedef struct {
  double peak[2];        /* linear, per channel, largest since the meters took it */
  detector detector[2];
} truepeak;

void truepeak_design(truepeak_coefs *coefs, const stream_format *format); /* any thread, pure */
void truepeak_reset(truepeak *state);                                      /* audio thread */
void truepeak_process(truepeak *state, const truepeak_coefs *coefs, const double *left, const double *right,
                      uint32_t frames);                                    /* audio thread; reads only */
