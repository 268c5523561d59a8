/* detector.h - the true-peak detector that limiter and meter share: where does the waveform between the samples peak?
 *
 * 4x oversampling by two half-band interpolators (ITU-R BS.1770-5 Annex 2 asks for at least 4x):
 *   midpoints  y(n + 1/2) from 128 samples,  sinc(k + 1/2) under a Kaiser window, beta 12: flat to 0.47 of the sample rate
 *   quarters   y(n + 1/4), y(n + 3/4) from 16 points of the doubled rate, beta 11: flat to 0.53 of the original rate
 * which are, to -110 dB, the points of one 512-tap polyphase filter with the same window, at less than half its cost. The samples
 * themselves are points too. At a local maximum of |y| the sine through three points has the amplitude
 *   y0 sqrt(1 + (y+ - y-)^2 / (4 y0^2 - (y+ + y-)^2))
 * which for low frequencies is the parabola's vertex, and for high ones does not fall short of the peak as the parabola does
 * (0.05 dB at 0.45 of the sample rate).
 *
 * The sums are float32: 64 terms of relative error 6e-8 under sum|h| < 4 stay within 1.5e-5 of the largest sample, 0.00013 dB.
 * What is not finite or above +120 dBFS counts as silence, as does what is below -300 dBFS. */
#pragma once
#include "format.h"

enum { DETECTOR_PAIRS = 64, DETECTOR_QUARTER_PAIRS = 8 };
enum { DETECTOR_DELAY_FRAMES = 68 };  /* 64 for the midpoints, 4 for the quarters */
enum { DETECTOR_BLOCK_FRAMES = 64 };  /* the most that one call takes */
enum { DETECTOR_HISTORY_FRAMES = 136, DETECTOR_MIDPOINT_HISTORY_FRAMES = 8 };

typedef struct {
  float midpoint[DETECTOR_PAIRS];         /* taps, from the middle outwards */
  float quarter[DETECTOR_QUARTER_PAIRS];
} detector_coefs;

/* One channel. */
typedef struct {
  float sample[DETECTOR_HISTORY_FRAMES + DETECTOR_BLOCK_FRAMES];            /* the newest last */
  float midpoint[DETECTOR_MIDPOINT_HISTORY_FRAMES + DETECTOR_BLOCK_FRAMES]; /* the newest is 64 frames old */
  float last_three_quarter;                                                 /* |y| three quarters after the last frame told */
  float last_interval; /* largest peak from the last frame told to the next */
} detector;

void detector_design(detector_coefs *coefs); /* any thread, pure */
void detector_reset(detector *state); /* audio thread */
/* Takes `frames` <= DETECTOR_BLOCK_FRAMES and gives as many peaks, linear, that belong to the frames DETECTOR_DELAY_FRAMES earlier:
 * peak[i] is the largest between the neighbours of that frame, so every point counts for both frames beside it. Audio thread. */
void detector_process(detector *state, const detector_coefs *coefs, const double *samples, float *peak, uint32_t frames);
