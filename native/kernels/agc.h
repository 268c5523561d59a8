/* agc.h - slow two-band leveller: brings the programme to a target loudness, and knows when to leave it alone. Latency 0.
 *
 * Bands     one filter bends the gain between them: |y/x|^2 = (bass^2 + master^2 w^8) / (1 + w^8), w = tan(pi f/fs)/tan(pi crossover/fs):
 *           the powers of two Butterworth bands of 24 dB/oct, added, of minimum phase. It is monotonic whatever the gains are,
 *           and with equal gains it is that gain, bit for bit: no all-pass, no ripple.
 *           Its zeros are its poles times d^(1/4), d = bass/master: two sections y = x + k (e) v1 + e (e + 2) v2, e = d^(1/4) - 1.
 * Level     agc_detector.h, over 9 dB at the faster rate, 0.4 .. 3 s. As the bands add in power, the loudness of the output is known:
 *           master^2 (all - bass) + bass_gain^2 bass. The master gain goes where that is the target; the bass gain of its own where the
 *           bass is as loud as that of pink noise at the target. A bass below the gate by that measure has no gain of its own
 *           and goes along with the master. Heard is coupling * master + (1 - coupling) * own, in dB.
 * Moves     every 10 ms, straight in between. An error over half the window sets it travelling, at full rate until it is there; inside
 *           the window the rate is window_speed at the edge and falls to 0 at the target. At the end of the range it stays.
 * Gate      momentary loudness of the input below gate_lufs freezes both gains at once, 1 dB above it they are free. Frozen for 1 s,
 *           they drift to the platform.
 * Switching on starts at 0 dB or at what was recalled; off fades to 0 dB over the announced frames, at least 5 ms, and then lets
 * every bit through. Both channels always have the same gain. */
#pragma once
#include "agc_detector.h"

enum { AGC_BASS, AGC_MASTER };

typedef struct {
  int32_t on;
  double target_lufs;           /* -36 .. -8 */
  double range_db;              /* 0 .. 24: the most it raises or lowers */
  double window_db;             /* 0 .. 10: whole width around the target inside which it is slow */
  double window_speed_percent;  /* 1 .. 100: speed inside the window */
  double attack_db_per_s;       /* 0.1 .. 20: lowering */
  double release_db_per_s;      /* 0.1 .. 20: raising */
  double gate_lufs;             /* -70 .. -20: below it the gain freezes */
  double platform_db;           /* -20 .. 20: where a frozen gain drifts */
  double drift_db_per_s;        /* 0 .. 1 */
  double bass_coupling_percent; /* 0 .. 100: how far the bass band follows the master band */
  double crossover_hz;          /* 80 .. 400 */
} agc_params;

typedef struct {
  coefs_change change;
  int32_t on;
  uint32_t least_ramp_frames; /* 5 ms */
  agc_detector_coefs detector;
  uint32_t level_bins;
  double target_lufs[2], gate_lufs[2]; /* bass: of its own band */
  double range_db, platform_db, coupling;
  double half_window_db, window_speed;    /* dB; fraction of the full rate at the edge of the window */
  double lower_db, raise_db, drift_db; /* in 10 ms */
} agc_coefs;

typedef struct {
  uint64_t serial;
  double gain_db[2];    /* bass of its own, master: survives a restart, see agc_recall */
  double applied_db[2]; /* bass, master: what is heard */
  double level_lufs;    /* of the input, over the level window; -200 before there is one */
  int32_t frozen;       /* the gate holds */
  uint32_t frozen_bins; /* since when, up to 1 s */
  int32_t travelling[2];
  int32_t awake;
  int32_t fading;       /* on its way off */
  agc_detector detector;
  double path[2], path_step[2]; /* master gain, bend e */
  double corner, corner_step;
  uint32_t path_left_frames, corner_left_frames;
  double memory[2][2][2]; /* section, integrator, channel */
} agc;

void agc_design(agc_coefs *coefs, const agc_params *params, const stream_format *format); /* any thread, pure */
void agc_reset(agc *state);                                                                /* audio thread */
void agc_recall(agc *state, const double gain_db[2]); /* after agc_reset: starts with these gains; held within the range */
void agc_process(agc *state, const agc_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
