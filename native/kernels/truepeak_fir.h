/* truepeak_fir.h - true peak exactly as ITU-R BS.1770-5 Annex 2 prints it: four times oversampling by its order 48, 4-phase FIR.
 *
 * For comparison with meters that are built so. It reads up to 0.22 dB too much at 0.25 of the sample rate and falls short towards half of
 * it; truepeak.h does not. The same taps at any sample rate. At the end of a file process TRUEPEAK_FIR_FRAMES of silence. */
#pragma once
#include "format.h"

enum { TRUEPEAK_FIR_FRAMES = 12, TRUEPEAK_FIR_PHASES = 4 };

typedef struct {
  double tap[TRUEPEAK_FIR_PHASES][TRUEPEAK_FIR_FRAMES];
} truepeak_fir_coefs;

typedef struct {
  double peak[2]; /* linear, largest since reset */
  double past[2][TRUEPEAK_FIR_FRAMES]; /* the newest first */
} truepeak_fir;

void truepeak_fir_design(truepeak_fir_coefs *coefs, const stream_format *format); /* any thread, pure */
void truepeak_fir_reset(truepeak_fir *state);
void truepeak_fir_process(truepeak_fir *state, const truepeak_fir_coefs *coefs, const double *left, const double *right,
                          uint32_t frames); /* reads only */
