/* third_octave.h - levels in 1/3 octaves, IEC 61260-1 class 1: a bank of band-pass filters over what spectrum.h keeps.
 *
 *   mid-band    fm = 1000 * 10^(x/10) Hz, x = -16 .. 13: nominal 25 Hz .. 20 kHz
 *   edges       fm * 10^(+-1/20), drawn in by (pi/6)/sin(pi/6) = 1.047 so that the band's noise bandwidth is that of the ideal band
 *   filter      Butterworth band-pass of 6th order, bilinear with the edges at their place, unity at fm; three TPT sections
 *   level       10 log10 of the mean square, a full-scale sine reads -3.01 dBFS; mean: exponential, `averaging_s`, without its start-up error
 *
 * Below 80 kHz the programme is interpolated to twice its rate first (128 taps, those of detector.h): at 44.1 kHz the upper edge of the
 * highest band lies beyond half the rate. That and the ring's float32 leave a floor below -140 dBFS.
 * Not for the audio thread: some 0.2 us per frame. Frames that are not finite count as silence. One thread at a time. */
#pragma once
#include "detector.h"

enum { THIRD_OCTAVE_BANDS = 30, THIRD_OCTAVE_LANES = 32, THIRD_OCTAVE_SECTIONS = 3, THIRD_OCTAVE_LOWEST = -16 };
enum { THIRD_OCTAVE_PAST_FRAMES = 2 * DETECTOR_PAIRS, THIRD_OCTAVE_CHUNK_FRAMES = 256 };

typedef struct {
  double a1[THIRD_OCTAVE_LANES], a2[THIRD_OCTAVE_LANES], a3[THIRD_OCTAVE_LANES], gain[THIRD_OCTAVE_LANES];
} third_octave_section;

typedef struct {
  int32_t doubled; /* the rate */
  double share;    /* of the newest square in the mean */
  third_octave_section section[THIRD_OCTAVE_SECTIONS];
  detector_coefs interpolation;
} third_octave_coefs;

typedef struct {
  double memory[THIRD_OCTAVE_SECTIONS][2][THIRD_OCTAVE_LANES];
  double mean[THIRD_OCTAVE_LANES];
  float sample[THIRD_OCTAVE_PAST_FRAMES + THIRD_OCTAVE_CHUNK_FRAMES];
} third_octave_channel;

typedef struct {
  double weight; /* of all squares in the mean: 1 in the end */
  third_octave_channel channel[2];
} third_octave;

double third_octave_mid_hz(int32_t band); /* exact, band 0 .. 29 */
void third_octave_design(third_octave_coefs *coefs, double sample_rate_hz, double averaging_s);
void third_octave_reset(third_octave *state);
void third_octave_process(third_octave *state, const third_octave_coefs *coefs, const float *pairs, uint32_t frames);
void third_octave_read(const third_octave *state, double *left_dbfs,
                       double *right_dbfs); /* THIRD_OCTAVE_BANDS each; silence -200 */
