/* stereo.h - width, mid/side balance, mono bass, balance, and width in three bands. Latency 0.
 *
 *     mid = (L+R)/2, side = (L-R)/2      mid' = A mid, side' = A w side      L' = mid' + side', R' = mid' - side'
 *     w   real and not negative at every frequency: a source moves in the image, never turns about in it
 *         = width * (mono bass: W^4 / (1 + W^4)) * (banded: low/(1+U^4) + U^4/(1+U^4) (mid/(1+V^4) + high V^4/(1+V^4)))
 *         with W, U, V = tan(pi f/fs) / tan(pi corner/fs): Linkwitz-Riley, 24 dB/oct
 *     A   the all-pass to which such bands add up, (1 - W^2 - j sqrt(2) W) / (1 - W^2 + j sqrt(2) W), for each corner in use, on mid
 *         and side alike. A high-passed side beside an untouched mid would be turned by 180 degrees against it at the corner, and
 *         left and right would change places there.
 *         A changes no magnitude: a mono feed stays mono and keeps its spectrum; without mono bass and bands A = 1.
 * Mid/side balance b: side +b/2 dB, mid -b/2 dB. Balance lowers one side only. A change glides over the frames it announces, but
 * never in less than 5 ms; corners that come into use or leave it crossfade. Off, and at its neutral settings, the
 * kernel lets every bit through. */
#pragma once
#include "format.h"

typedef struct {
  int32_t on;
  double width_percent;       /* 0 mono .. 100 as it is .. 200 */
  double mid_side_balance_db; /* -12 .. 12: positive favours the side */
  double balance_db;          /* -12 .. 12: positive lowers the left */
  int32_t mono_bass;          /* the side is high-passed at mono_below_hz */
  double mono_below_hz;       /* 40 .. 400 */
  int32_t banded;             /* three widths instead of one alone */
  double low_mid_hz;          /* 60 .. 1000 */
  double mid_high_hz;         /* 1000 .. 10000 */
  double low_width_percent;   /* 0 .. 200, on top of width_percent */
  double mid_width_percent;
  double high_width_percent;
} stereo_params;

typedef struct {
  double left, right;         /* gains after all */
  double mid, side;
  double width[3];            /* low, mid, high, when banded */
  double mono_bass, banded;   /* 0 out of use .. 1 in use */
  double corner[3];           /* tan(pi corner / sample rate) */
} stereo_law;

typedef struct {
  coefs_change change;
  uint32_t least_ramp_frames; /* 5 ms */
  stereo_law law;
} stereo_coefs;

typedef struct {
  uint64_t serial;
  uint32_t left_frames; /* of the way to the coefs; 0 settled */
  uint32_t clock_frames; /* wraps */
  stereo_law now, step;
  double mono_memory[2][2][2];  /* filter, integrator, mid and side */
  double band_memory[5][2][2];
} stereo;

void stereo_design(stereo_coefs *coefs, const stereo_params *params, const stream_format *format); /* any thread, pure */
void stereo_reset(stereo *state);                                                                   /* audio thread */
void stereo_process(stereo *state, const stereo_coefs *coefs, double *left, double *right,
                    uint32_t frames); /* audio thread, in place */
