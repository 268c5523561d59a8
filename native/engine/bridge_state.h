/* bridge_state.h - what a bridge is made of. Not bound. */
#pragma once
#include "audio_ring.h"
#include "bridge.h"
#include "clock_dll.h"
#include "drift_servo.h"
#include "guard.h"
#include "mailbox.h"
#include "resampler.h"

#define BRIDGE_FADE_S 0.005

enum { BRIDGE_WAITS, BRIDGE_PLAYS, BRIDGE_LEAVES }; /* silent until centred; playing, perhaps fading in; fading out */

/* What the writer knows after a callback. */
typedef struct {
  uint64_t written;        /* frames, in the ring's count */
  double time_s, frame_s;  /* when they had passed, by its DLL; how long one takes */
  double step_frames;      /* by which the ring falls behind the clocks: the longest callback, and its usual lateness */
  int32_t is_known;        /* its DLL has closed a window */
} bridge_reading;

/* Relaxed atomics, each by itself. */
typedef struct {
  int64_t plays, drift_ppt, ratio_ppt, delay_ns; /* ppt: 1e-12 */
  uint64_t slips, unfed_frames, nonfinite_samples;
} bridge_board;

struct bridge {
  double sample_rate_hz, margin_frames;
  uint32_t fade_frames;
  resampler_coefs coefs;

  /* writer */
  _Alignas(64) clock_dll writer;
  uint32_t block_frames; /* longest callback so far */
  uint64_t writing_thread;

  /* between */
  mailbox readings;
  bridge_reading reading[MAILBOX_THINGS];
  audio_ring ring;

  /* reader */
  _Alignas(64) clock_dll reader;
  drift_servo servo;
  resampler resampler;
  guard_counts guarded;
  uint64_t stride, slips, unfed_frames;
  uint32_t unread_frames; /* of the block */
  uint32_t level_frames;  /* of the fade: 0 silent .. fade_frames full */
  int32_t phase;
  double left[RESAMPLER_CHUNK_FRAMES], right[RESAMPLER_CHUNK_FRAMES];
  float pairs[2 * RESAMPLER_TAKES_FRAMES];
  bridge_board board;

  _Alignas(64) float samples[2 * BRIDGE_RING_FRAMES];
};
