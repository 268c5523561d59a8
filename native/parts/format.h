/* format.h - what never changes while an engine lives, and how a change of parameters is announced.
 *
 * Latency is a property of the format, never of a parameter: each latency class fixes every look-ahead. */
#pragma once
#include <stdint.h>

enum { LATENCY_NORMAL = 0, LATENCY_LOW = 1 };

typedef struct {
  double sample_rate_hz;  /* 44100 .. 192000 */
  int32_t latency;        /* LATENCY_NORMAL or LATENCY_LOW */
} stream_format;

/* First member of every X_coefs. A kernel that sees a serial other than the one it follows starts a ramp of
 * `ramp_frames` from where it stands to the new coefs; a kernel fresh from X_reset takes the coefs at once. */
typedef struct {
  uint64_t serial;       /* never 0 */
  uint32_t ramp_frames;  /* 0: at once */
} coefs_change;
