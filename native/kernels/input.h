/* input.h - brings a feed to the chain: trim, polarity, channel mode, DC blocker, subsonic high-pass. */
#pragma once
#include "format.h"

enum { CHANNELS_STEREO, CHANNELS_SWAP, CHANNELS_LEFT, CHANNELS_RIGHT, CHANNELS_MONO };

typedef struct {
  double trim_db;        /* -24 .. 24 */
  int32_t channels;      /* CHANNELS_...; left and right feed both sides, mono is (L+R)/2 */
  int32_t invert_left;   /* polarity, before the channel mode */
  int32_t invert_right;
  int32_t dc_block;      /* high-pass at 2 Hz */
  int32_t subsonic;      /* 24 dB/oct Butterworth at subsonic_hz */
  double subsonic_hz;    /* 10 .. 80 */
} input_params;

typedef struct {
  coefs_change change;
} input_coefs;

typedef struct {
  uint64_t serial;
} input;

void input_design(input_coefs *coefs, const input_params *params, const stream_format *format); /* any thread, pure */
void input_reset(input *state);                                                                  /* audio thread */
void input_process(input *state, const input_coefs *coefs, double *left, double *right, uint32_t frames); /* audio thread, in place */
