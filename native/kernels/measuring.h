/* measuring.h - a measuring point: every measuring kernel over the same frames, cut where their 10 ms bins end, so that what one leaves
 * for another belongs to the same bin whatever the block size. */
#pragma once
#include "levels.h"
#include "loudness.h"
#include "spectrum.h"
#include "truepeak.h"

typedef struct {
  loudness_coefs loudness;
  truepeak_coefs truepeak;
  levels_coefs levels;
} measuring_coefs;

typedef struct {
  loudness loudness;
  truepeak truepeak;
  levels levels;
  spectrum spectrum;
} measuring;

void measuring_design(measuring_coefs *coefs, const stream_format *format); /* any thread, pure */
void measuring_reset(measuring *state); /* audio thread */
void measuring_process(measuring *state, const measuring_coefs *coefs, const double *left, const double *right,
                       uint32_t frames); /* audio thread; reads only */
/* All of it but the programme for spectra: for a file, whose spectrum is made of the file. */
void measuring_process_bins(measuring *state, const measuring_coefs *coefs, const double *left, const double *right,
                            uint32_t frames);
