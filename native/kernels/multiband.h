/* multiband.h - two to six Linkwitz-Riley bands (crossover.h), each with a compressor and a limit. Latency 0.
 *
 *   level L         peak, in dBFS, of each band and channel, as in compressor.h
 *   reduction c     compressor.h: curve, range, link, attack and release of each band
 *   coupled c'      max(c, coupling * the greater c of the two neighbours): a band follows its louder neighbour by that share
 *   limit l         the same law on L + gain - c' with ratio infinity, no knee, 0.5 ms attack, 100 ms release: what is louder than
 *                   the limit for less than an attack passes, and a tone below 100 Hz stands up to 0.3 dB above it
 *   output          sum over the bands heard of band (1 + mix (10^((gain - c' - l)/20) - 1)): all bands at 0 dB, or mix 0, are the
 *                   all-pass of the crossover and nothing else, so no mix has a comb
 *
 * Off is the untouched programme, bit for bit. On and off fade into each other along an S-curve over change.ramp_frames, during
 * which the phase of the all-pass colours the sum. All numbers, the crossovers too, move along that curve. Another number of bands
 * or slope fades over from the old bands, that go on as they were, to new ones, which start with the reductions of the old ones in
 * their place; what is set meanwhile and has yet other bands waits until that is over. */
#pragma once
#include "compressor.h"
#include "crossover.h"

enum { MULTIBAND_BANDS = 6, MULTIBAND_LANES = 12 };

typedef struct {
  int32_t on;          /* its compressor works; gain and limit do without */
  int32_t solo;
  int32_t mute;
  double threshold_db; /* as in compressor.h, each of these */
  double ratio;
  double knee_db;
  double attack_ms;
  double release_ms;
  int32_t auto_release;
  double range_db;
  double gain_db;      /* -24 .. 24: after the compressor */
  int32_t limit;
  double limit_db;     /* -40 .. 0 dBFS: nothing of this band's level is let above, fast */
} multiband_band_params;

typedef struct {
  int32_t on;
  int32_t bands;              /* 0: two bands .. 4: six */
  int32_t slope_db_per_oct;   /* CROSSOVER_... */
  double crossover_1_hz;      /* 20 .. 20000, rising; a pair out of order is put right */
  double crossover_2_hz;
  double crossover_3_hz;
  double crossover_4_hz;
  double crossover_5_hz;
  double coupling_percent;    /* 0 .. 100: a band is reduced at least by this share of its louder neighbour's reduction */
  double link_percent;        /* 0 .. 100: stereo link of every band */
  double mix_percent;         /* 0 .. 100: the dry programme passes the same all-passes */
  multiband_band_params band[MULTIBAND_BANDS];
} multiband_params;

/* Everything that moves in a ramp; all doubles. Per band: */
typedef struct {
  double threshold_db[6], slope[6], knee_db[6], range_db[6];
  double attack_step[6], fall_step[6], release_step[6], auto_share[6], auto_release_step[6];
  double active[6], gain_db[6], heard[6]; /* active: 0 the compressor is off, 1 on */
  double limit_share[6], limit_db[6];
  double crossover_g[5];
  double link, coupling, mix;             /* 0 .. 1 */
  double share;                           /* 0 off, 1 on */
} multiband_law;

typedef struct {
  coefs_change change;
  multiband_law law;
  int32_t bands, slope;
  double crossover_hz[5]; /* as they have been put in order */
  uint32_t least_fade_frames; /* 5 ms */
  double hold_step, charge_step, limit_attack_step, limit_release_step;
} multiband_coefs;

/* One set of bands; lane 2 b + c is band b, channel c. */
typedef struct {
  int32_t bands, slope;
  crossover filters;
  double fast_db[12], held_db[12], slow_db[12], smooth_db[12]; /* as in compressor.h */
  double limit_fast_db[12], limit_smooth_db[12];
} multiband_split;

typedef struct {
  uint64_t serial;
  double reduction_db[MULTIBAND_BANDS][2]; /* largest since the meters took it; compressor and limit; >= 0 */
  multiband_law from, span, to;            /* now = from + span * S(position in the ramp); span is 0 when settled */
  uint32_t ramp_frames, ramp_left_frames;
  multiband_split now, old;                /* old is on its way out while fade_left_frames */
  multiband_law old_law;
  double fade_frames; /* whole, unless the fade had to hurry */
  uint32_t fade_left_frames;
  uint32_t clock_frames;
} multiband;

void multiband_design(multiband_coefs *coefs, const multiband_params *params, const stream_format *format); /* any thread, pure */
void multiband_reset(multiband *state); /* audio thread */
void multiband_process(multiband *state, const multiband_coefs *coefs, double *left, double *right,
                       uint32_t frames); /* audio thread, in place */
