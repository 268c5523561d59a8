/* bass_hold.h - what the bass alone requires of a limiter, held over its half periods while everything else may return at once.
 *
 *   low    the programme behind a Butterworth low-pass, 300 Hz, 24 dB/oct: flat to 0.001 dB up to 100 Hz
 *   q[n] = max(0, log2(max(|low left|, |low right|) / ceiling)),  held[n] = max q over the last 16/17 .. 1 of the window
 *
 * A share of the gain that does not fall between two half waves does not distort them. It only ever adds to the reduction. */
#pragma once
#include "format.h"

enum { BASS_SECTIONS = 2, BASS_BUCKETS = 16 };

typedef struct {
  int32_t on;
  uint32_t bucket_frames;                                       /* the window is 17 buckets, the last one partly filled */
  double e1[BASS_SECTIONS], e2[BASS_SECTIONS], e3[BASS_SECTIONS]; /* as in svf.h */
} bass_hold_coefs;

typedef struct {
  double memory[BASS_SECTIONS][2][2]; /* section, s1 and s2, channel */
  float bucket[BASS_BUCKETS];         /* octaves: largest of each stretch */
  float full, filling;                /* largest of all buckets; of the stretch that is under way */
  uint32_t at, frames;                /* bucket to fill next; frames in it */
} bass_hold;

void bass_hold_design(bass_hold_coefs *coefs, int32_t on, uint32_t window_frames, double sample_rate_hz); /* any thread, pure */
void bass_hold_reset(bass_hold *state);                                                                   /* audio thread */
/* `ceiling` for each frame; `octaves` gets what is held. At most 64 frames, each |sample| < 2^20. Audio thread. */
void bass_hold_process(bass_hold *state, const bass_hold_coefs *coefs, const double *left, const double *right,
                       const float *ceiling, float *octaves, uint32_t frames);
