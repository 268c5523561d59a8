/* compressor.h - feed-forward, log-domain compressor with a smooth decoupled detector (Giannoulis, Massberg, Reiss: Digital
 * Dynamic Range Compressor Design, JAES 60(6), 2012).
 *
 *   side-chain x    the programme, look-ahead later than it arrives or at once; optional Butterworth high-pass 12 or 24 dB/oct
 *   level L         peak: 20 log10 |x|; RMS: 10 log10 of a one-pole mean square (time constant rms_window_ms), so a full-scale
 *                   sine reads -3.01 dB; silence reads -240 dB
 *   reduction c     S = 1 - 1/ratio, o = L - threshold, W = knee:  0 for o <= -W/2;  S (o + W/2)^2 / (2 W) inside the knee;
 *                   S o for o >= W/2;  then no more than range; then linked: (1 - l) c + l max(c left, c right)
 *   in time         h = max(c, h + (c - h) r);  y = y + (h - y) a: a release that holds the peaks, then the attack smooths both
 *                   ways. The poles are chosen so that after a step of c, y has covered 63.2 % of its way in dB after attack_ms
 *                   or release_ms, the smoothing included; with the RMS detector its window comes on top.
 *   auto release    a second, slow h in parallel, the greater is used: it charges in 300 ms of sustained reduction and returns
 *                   in 10 x release_ms, but at least 1.2 s and at most 5 s; release_ms is then the return after short peaks
 *   output          x[n - latency] (1 + mix (10^((makeup - y)/20) - 1)): off, at mix 0, and at ratio 1 without make-up, the
 *                   delayed input bit for bit
 *
 * Latency: the whole look-ahead of the latency class (5 ms or 0.5 ms, to the nearest frame), whatever lookahead_ms says; it
 * decides by how much the side-chain runs behind. In the low class more than 0.5 ms is 0.5 ms.
 * A change of parameters moves every number above, also the poles, the detector, the slope and the side-chain's delay, along one
 * S-curve over change.ramp_frames. State stays finite whatever comes in: NaN and more than +240 dBFS count as silence in the
 * side-chain. */
#pragma once
#include "format.h"

enum { DETECTOR_PEAK, DETECTOR_RMS };
enum { SIDECHAIN_OFF, SIDECHAIN_12, SIDECHAIN_24 };

typedef struct {
  int32_t on;
  int32_t detector;              /* DETECTOR_PEAK or DETECTOR_RMS */
  double threshold_db;           /* -60 .. 0 dBFS */
  double ratio;                  /* 1 .. 100; 100 is a limiter (1/ratio = 0) */
  double knee_db;                /* 0 .. 24: whole width */
  double attack_ms;              /* 0.1 .. 1000: 63.2 % of the change in dB */
  double release_ms;             /* 5 .. 5000 */
  int32_t auto_release;          /* a slow release joins in after sustained reduction */
  double lookahead_ms;           /* 0 .. 5 (normal latency) or 0 .. 0.5 (low): the audio delay is always the whole of it */
  double rms_window_ms;          /* 1 .. 100 */
  double sidechain_high_pass_hz; /* 20 .. 500 */
  int32_t sidechain_slope_db_per_oct; /* SIDECHAIN_... */
  double link_percent;           /* 0 .. 100 */
  double range_db;               /* 0 .. 60: the most it may reduce */
  double makeup_db;              /* -12 .. 24 */
  int32_t auto_makeup;           /* adds half of what the curve takes from 0 dBFS */
  double mix_percent;            /* 0 .. 100: 100 is compressed only */
} compressor_params;

enum { COMPRESSOR_DELAY_FRAMES = 1024 }; /* power of two; holds the longest look-ahead (960 frames at 192 kHz) and one chunk */

/* Everything that moves in a ramp; each is safe at any value between two designs. A step is 1 - pole, per frame. */
typedef struct {
  double threshold_db, slope, knee_db, range_db;
  double link, makeup_db, mix, active; /* 0 .. 1 each, but make-up; mix is 0 when off, active is for the meters */
  double rms_share, rms_step;          /* 0 peak, 1 RMS */
  double attack_step, fall_step;       /* smoothing upwards and downwards; fall_step >= attack_step */
  double release_step;
  double auto_share, auto_release_step;
  double detector_delay_frames;        /* whole when settled */
  double high_pass_g, high_pass_k[2], high_pass_share[2]; /* two sections: SVF g and k, share 0 passes everything */
} compressor_law;

typedef struct {
  coefs_change change;
  compressor_law law;
  uint32_t latency_frames;
  double hold_step, charge_step; /* of the slow release: they belong to the sample rate */
} compressor_coefs;

/* What the side-chain remembers; the last index is the channel. */
typedef struct {
  double high_pass[2][2][2]; /* section, SVF state */
  double mean_square[2];
  double fast_db[2];         /* release_ms */
  double held_db[2], slow_db[2]; /* auto release: what charges it, and it */
  double smooth_db[2];       /* the reduction that is applied */
} compressor_detector;

typedef struct {
  uint64_t serial;
  double reduction_db[2];        /* largest reduction since the meters took it; >= 0 */
  compressor_law from, span;     /* now = from + span * S(position in the ramp); span is 0 when settled */
  uint32_t ramp_frames, ramp_left_frames;
  uint32_t clock_frames;         /* wraps; where the delay is written */
  compressor_detector detector;
  double delay[2][COMPRESSOR_DELAY_FRAMES];
} compressor;

uint32_t compressor_latency_frames(const stream_format *format); /* constant for a format */
void compressor_design(compressor_coefs *coefs, const compressor_params *params,
                       const stream_format *format); /* any thread, pure */
void compressor_reset(compressor *state); /* audio thread */
void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right,
                        uint32_t frames); /* audio thread, in place */
