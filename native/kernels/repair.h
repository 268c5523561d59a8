/* repair.h - hears when a stereo feed has come with one channel inverted, or without one, and mends it until it is sound again.
 *
 * In bins of 10 ms, of the feed after the operator's polarity; only bins in which the louder channel is above -50 dBFS RMS count,
 * in all the others everything stays as it is:
 *     r = LR / sqrt(LL RR), each an exponential mean with tau = 0.5 s
 *     inverted   r < -0.7 and LL, RR within 6 dB, for 2 s without a break:       the right channel is turned
 *                r >  0.3 for 1 s: as it came again
 *     lost       one channel 40 dB below the other for 2 s without a break:      the other feeds both
 *                less than 30 dB below for 0.5 s: as it came again
 * Wide stereo keeps r above -0.5 over such times. A single voice hard on one side over digital silence cannot be told from a lost
 * channel: after 2 s it is heard on both sides until something is in the other.
 * Every change is a straight crossfade of 50 ms; at rest and sound, every bit passes. Audio thread. */
#pragma once
#include <stdint.h>

enum { REPAIR_NONE, REPAIR_INVERTED, REPAIR_LEFT_LOST, REPAIR_RIGHT_LOST };

typedef struct {
  uint32_t bin_frames, fade_frames;
  double keep; /* of the means, from bin to bin */
} repair_coefs;

typedef struct {
  int32_t repaired;          /* REPAIR_...: what is being mended now */
  int32_t inverted;          /* also while a channel is lost */
  int32_t lost;              /* 0, or 1 + the channel */
  uint32_t inverted_bins, upright_bins; /* for how long it has been otherwise than now believed */
  uint32_t lost_bins[2], found_bins;
  uint32_t filled_frames;
  double bin[3], mean[3];    /* LL, RR, LR */
  double matrix[2][2], matrix_step[2][2]; /* less the identity, so that zero is rest */
  double goal[2][2];         /* where the fade ends */
  uint32_t left_frames;
} repair;

void repair_design(repair_coefs *coefs, double sample_rate_hz); /* any thread, pure */
/* `polarity` is -1 when the operator inverts one channel after this; `gain` is the operator's trim. */
void repair_process(repair *state, const repair_coefs *coefs, int32_t on, double polarity, double gain, double *left,
                    double *right, uint32_t frames);
