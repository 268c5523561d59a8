/* eq_dynamics.h - what moves the gain of the equaliser's dynamic bands: a detector for each, its curve, attack and release.
 *
 *   listens to  what enters the equaliser, on the channels the band works on; the louder of two counts
 *   own         a bell: the band-pass at its frequency and Q; low and high shelf: the low- and high-pass there, q at most 0.7071
 *   wide        everything
 *   level L     of a band-pass y and its quadrature q (a first-order all-pass: 90 degrees at the frequency): 10 log10 of the mean of
 *               y^2 + q^2 over 1 / (pi frequency), so that a sine at the frequency reads its peak at any moment (an
 *               octave off up to 1 dB more, far below up to 3 dB more: the ripple of the mean); of a high-pass the same
 *               with the quadrature an octave higher, over twice that and at least 0.25 ms; low-passed and wide: the peak, 20 log10 |x|
 *   amount      min(|range|, (1 - 1/ratio) max(0, L - threshold)), then attack and release by the compressor's law (compression.h)
 *   offset      sign(range) amount
 *
 * Once every tick - 1/3 ms of frames counted from the reset - the level is the highest since the last tick, and the band starts on a
 * straight line of coefficients to where it stands a tick later (cascade.h). These lie between EQ_NODES designs from gain to
 * gain + range, linearly: so that every moment keeps
 * to the tolerances of a static band of its gain. Delay: two ticks at most.
 * A band at offset 0 is its static design, to the bit; a shelf of Q 0.45 to 0.55 within 0.1 dB. */
#pragma once
#include "format.h"
#include "matched.h"

enum { EQ_BANDS = 16, EQ_NODES = 33, EQ_DETECTOR_NUMBERS = 6 };

/* The last index is the lane: left and right, or mid and side. */
typedef struct {
  double from_left[EQ_BANDS][2], from_right[EQ_BANDS][2]; /* what a lane hears: a mixture of left and right */
  double filter[EQ_DETECTOR_NUMBERS][EQ_BANDS][2];        /* as svf.h prepares it */
  double turn[EQ_BANDS][2];                               /* of the all-pass: g / (1 + g) */
  double quadrature[EQ_BANDS][2];                         /* how much of it counts: 0 or 1 */
  double mean_step[EQ_BANDS][2];                          /* 1: no mean */
} eq_detector_coefs;

typedef struct {
  int32_t works[EQ_BANDS]; /* the band is dynamic */
  int32_t any;
  uint32_t tick_frames;
  eq_detector_coefs detector;
  double threshold_db[EQ_BANDS], slope[EQ_BANDS];
  double range_db[EQ_BANDS], sign[EQ_BANDS]; /* |range|; -1 or 1 */
  double attack_step[EQ_BANDS], fall_step[EQ_BANDS], release_step[EQ_BANDS]; /* a tick's */
  double nodes_per_db[EQ_BANDS];
  svf_coefs node[EQ_BANDS][EQ_NODES];
} eq_dynamics_coefs;

typedef struct {
  uint32_t into_tick_frames;
  double s1[EQ_BANDS][2], s2[EQ_BANDS][2], turned[EQ_BANDS][2]; /* of the filters */
  double power[EQ_BANDS][2], peak[EQ_BANDS][2];                 /* now; highest in this tick */
  double held_db[EQ_BANDS], amount_db[EQ_BANDS];
} eq_dynamics;

/* Audio thread, all of it. Not beyond the end of a tick. */
void eq_dynamics_listen(eq_dynamics *state, const eq_dynamics_coefs *coefs, const double *left, const double *right,
                        uint32_t frames);
/* At the end of a tick; 1 when an amount is not what it was. */
int32_t eq_dynamics_tick(eq_dynamics *state, const eq_dynamics_coefs *coefs);
void eq_dynamics_rest(eq_dynamics *state, int32_t band);                   /* forgets what the band heard */
double eq_dynamics_offset_db(const eq_dynamics *state, const eq_dynamics_coefs *coefs, int32_t band);
svf_coefs eq_dynamics_section(const eq_dynamics *state, const eq_dynamics_coefs *coefs, int32_t band); /* for the amount of now */
