/* eq.h - sixteen bands of parametric equaliser, each on stereo, left, right, mid or side. Latency 0.
 *
 * Prototypes, s = j f/frequency, A = 10^(gain/40), Q = q:
 *     bell        (s^2 + s A/Q + 1) / (s^2 + s/(A Q) + 1)
 *     low shelf   A (s^2 + s sqrt(A)/Q + A) / (A s^2 + s sqrt(A)/Q + 1)       high shelf: the same with s -> 1/s
 *     tilt        (s T + 1) / (s + T), T = 10^(gain/20): -gain far below the frequency, +gain far above
 *     low pass    Butterworth; q times the Q of the most resonant section, in parts of 0.7071; 6 dB/oct has no q. High pass: s -> 1/s
 *     notch       (s^2 + 1) / (s^2 + s/Q + 1)    band pass: (s/Q) / ...    all pass: (s^2 - s/Q + 1) / ...
 * R. Bristow-Johnson's cookbook names them; matched.h says how they are met up to 20 kHz at every sample rate, cascade.h how they run
 * and move. A cut is the exact mirror of the boost. The all-pass is exact in magnitude everywhere and in phase and group delay at
 * its frequency. Mid is (L+R)/2, side (L-R)/2.
 *
 * A change glides over the frames it announces, but never in less than 5 ms. What cannot be glided to - another type, or between
 * left/right and mid/side - is left by half the way to identity and the other half from there. A band at identity lets every bit
 * through. The gain of a bell or a shelf may move with the level: eq_dynamics.h. */
#pragma once
#include "cascade.h"
#include "eq_dynamics.h"
#include "format.h"

enum { EQ_SECTIONS = 8 };
enum { EQ_BELL, EQ_LOW_SHELF, EQ_HIGH_SHELF, EQ_TILT, EQ_LOW_PASS, EQ_HIGH_PASS, EQ_NOTCH, EQ_BAND_PASS, EQ_ALL_PASS };
enum { EQ_STEREO, EQ_LEFT, EQ_RIGHT, EQ_MID, EQ_SIDE };
enum { EQ_SLOPE_6, EQ_SLOPE_12, EQ_SLOPE_18, EQ_SLOPE_24, EQ_SLOPE_36, EQ_SLOPE_48, EQ_SLOPE_60, EQ_SLOPE_72, EQ_SLOPE_96 };

enum { EQ_OWN, EQ_WIDE };

typedef struct {
  int32_t on;
  int32_t type;             /* EQ_BELL .. EQ_ALL_PASS */
  int32_t channel;          /* EQ_STEREO .. EQ_SIDE */
  int32_t slope_db_per_oct; /* EQ_SLOPE_...: low- and high-pass only */
  double frequency_hz;      /* 10 .. 20000; above 0.49 of the sample rate it is held there */
  double gain_db;           /* -24 .. 24: bell, shelves, tilt */
  double q;                 /* 0.1 .. 40 */
  int32_t dynamic;          /* the gain moves with the level: by up to range_db above threshold_db */
  int32_t detector;         /* EQ_OWN: the band's own frequencies; EQ_WIDE: everything */
  double threshold_db;      /* -80 .. 0 dBFS */
  double ratio;             /* 1 .. 20: how much of the level above the threshold becomes gain, 1 - 1/ratio */
  double range_db;          /* -24 .. 24: the most the gain moves, and where to */
  double attack_ms;         /* 0.5 .. 500 */
  double release_ms;        /* 5 .. 5000 */
} eq_band_params;

typedef struct {
  int32_t on;
  eq_band_params band[EQ_BANDS];
} eq_params;

typedef struct {
  int32_t type;
  int32_t mid_side;  /* the lanes are mid and side, not left and right */
  int32_t lanes;     /* LANE_... it works on */
  uint32_t sections; /* 0: identity */
  svf_coefs section[EQ_SECTIONS];
} eq_band_coefs;

typedef struct {
  coefs_change change;
  uint32_t least_ramp_frames; /* 5 ms */
  eq_band_coefs band[EQ_BANDS];
  eq_dynamics_coefs dynamics;
} eq_coefs;

typedef struct {
  int32_t type, mid_side; /* what is heard; on the way out it is not yet what the coefs say */
  int32_t awake;          /* any section is */
  int32_t leaving;        /* on the way to identity, to come back as what the coefs say */
  uint32_t left_frames;   /* of the way; 0 settled */
  uint32_t return_frames; /* of the way back, when leaving */
  int32_t moving;         /* until the tick is over, to where a dynamic band is then */
  svf_coefs aim;          /* of a dynamic band */
  cascade_section section[EQ_SECTIONS];
} eq_band;

typedef struct {
  uint64_t serial;
  uint32_t clock_frames; /* wraps */
  eq_band band[EQ_BANDS];
  eq_dynamics dynamics;
  double offset_db[EQ_BANDS]; /* what a dynamic band adds to its gain, as it stands: for the meters */
} eq;

void eq_design(eq_coefs *coefs, const eq_params *params, const stream_format *format); /* any thread, pure */
void eq_reset(eq *state);                                                               /* audio thread */
void eq_process(eq *state, const eq_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
