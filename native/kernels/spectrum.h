/* spectrum.h - keeps the newest programme for whoever wants to look at its spectrum: on the audio thread nothing but a copy.
 *
 * 131072 frames of float32: 2.7 s at 48 kHz, 0.68 s at 192 kHz, overwritten when nobody reads. Bands are made of them by third_octave.h,
 * lines by an FFT, on any other thread and only when asked for. */
#pragma once
#include "format.h"

enum { SPECTRUM_FRAMES = 131072 }; /* power of two */

typedef struct {
  uint64_t begun;   /* frames whose writing has begun, since reset */
  uint64_t written; /* frames written */
  uint64_t ring[SPECTRUM_FRAMES]; /* a pair of float32 in a word, so that a frame is never torn */
} spectrum;

void spectrum_reset(spectrum *state); /* audio thread; readers start again from frame 0 */
void spectrum_process(spectrum *state, const double *left, const double *right, uint32_t frames); /* audio thread; reads only */
/* Copies frames from `*from` on, at most `most`, as float32 pairs, oldest first; returns how many. `*from` moves behind the last one copied;
 * frames that were overwritten before they were read are added to `*lost`. Any one thread, never waits. */
uint32_t spectrum_collect(const spectrum *state, uint64_t *from, float *pairs, uint32_t most, uint64_t *lost);
uint64_t spectrum_written(const spectrum *state); /* frames since reset: any thread */
