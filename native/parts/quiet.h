/* quiet.h - what has decayed is silence. A recursion that is fed no more would fall into denormals, which cost some 90 times a normal
 * number and, rounded, may stand still before 0. So numbers of its memory below -600 dB become 0: where there is no clock of bins or
 * chunks that does it, every QUIET_EVERY_FRAMES, counted in the state, so that the block size does not matter:
 *
 *     n = quiet_span(clock_frames, frames);                          how far the coming stretch may reach
 *     if (quiet_is_due(clock_frames += n)) quiet_all(memory, COUNT);
 *
 * The audio thread also flushes denormals (fpu.h); this holds where a processor has no such mode. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define QUIET_STATE 1e-30
enum { QUIET_EVERY_FRAMES = 1024 }; /* divides 2^32: the clock may wrap */

static inline __attribute__((always_inline)) double quiet_or(double value) {
  return value < QUIET_STATE && value > -QUIET_STATE ? 0 : value;
}

static inline __attribute__((always_inline)) void quiet_all(double *memory, size_t count) {
  for (size_t i = 0; i < count; i++) memory[i] = quiet_or(memory[i]);
}

/* The longest stretch, at most `frames`, that ends no later than the next look. */
static inline uint32_t quiet_span(uint32_t clock_frames, uint32_t frames) {
  uint32_t left_frames = QUIET_EVERY_FRAMES - clock_frames % QUIET_EVERY_FRAMES;
  return left_frames < frames ? left_frames : frames;
}

static inline int quiet_is_due(uint32_t clock_frames) { return clock_frames % QUIET_EVERY_FRAMES == 0; }
