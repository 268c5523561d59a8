/* input.h - brings a feed to the chain: repair, trim, polarity, channel mode, DC blocker, subsonic high-pass, phase rotator. Latency 0.
 *
 *     repair       repair.h; it takes the operator's polarity as part of the feed, and the channel mode gets what it mended
 *     [left'; right'] = channel mode . polarity . trim . [left; right], a 2x2 matrix, then
 *     DC blocker   Butterworth high-pass, 12 dB/oct at 2 Hz: -0.0004 dB at 20 Hz
 *     subsonic     Butterworth high-pass, 24 dB/oct: -3.01 dB at subsonic_hz
 *     rotator      rotator.h
 * The filters are bilinear, exact at their corner; at these frequencies nothing is left of the warping. A change glides over the
 * frames it announces, but never in less than 5 ms. At its defaults the kernel lets every bit through. */
#pragma once
#include "cascade.h"
#include "format.h"
#include "repair.h"
#include "rotator.h"

enum { CHANNELS_STEREO, CHANNELS_SWAP, CHANNELS_LEFT, CHANNELS_RIGHT, CHANNELS_MONO };
enum { INPUT_SECTIONS = 3 };

typedef struct {
  double trim_db; /* -24 .. 24 */
  int32_t channels; /* CHANNELS_...; left and right feed both sides, mono is (L+R)/2 */
  int32_t invert_left; /* polarity, before the channel mode */
  int32_t invert_right;
  int32_t dc_block; /* high-pass at 2 Hz */
  int32_t subsonic; /* 24 dB/oct Butterworth at subsonic_hz */
  double subsonic_hz; /* 10 .. 80 */
  int32_t phase_rotator; /* four first-order all-passes at 200 Hz: makes the peaks of speech alike on both sides of zero */
  int32_t repair; /* turns a feed with inverted polarity, fills a lost channel from the other */
} input_params;

typedef struct {
  coefs_change change;
  uint32_t least_ramp_frames; /* 5 ms */
  double matrix[2][2]; /* to left, to right; from left, from right */
  int32_t section_on[INPUT_SECTIONS]; /* DC blocker, subsonic low Q, subsonic high Q */
  svf_coefs section[INPUT_SECTIONS];
  int32_t rotator_on, repair_on;
  double polarity, trim; /* -1 when one channel is inverted; linear gain */
  rotator_coefs rotator;
  repair_coefs repair;
} input_coefs;

typedef struct {
  uint64_t serial;
  uint32_t left_frames; /* of the way to the coefs; 0 settled */
  uint32_t clock_frames; /* wraps */
  double matrix[2][2], matrix_step[2][2];
  cascade_section section[INPUT_SECTIONS];
  rotator rotator;
  repair repair; /* repair.repaired says what is being mended */
} input;

void input_design(input_coefs *coefs, const input_params *params, const stream_format *format); /* any thread, pure */
void input_reset(input *state); /* audio thread */
void input_process(input *state, const input_coefs *coefs, double *left, double *right,
                   uint32_t frames); /* audio thread, in place */
