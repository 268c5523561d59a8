/* sliding_max.h - the maximum of the last `window` values, for every frame, at a cost that depends on neither signal nor window.
 *
 * Level j keeps the maxima of the last 2^j values: m[j][n] = max(m[j-1][n], m[j-1][n - 2^(j-1)]); any window is covered by two of one
 * level. A maximum rounds nothing, so all frames of a block go in parallel, and the window may change at any frame. Every ring is
 * followed by a copy of its first block: a block can be read in one piece from anywhere. */
#pragma once
#include <string.h>

#include "windows.h"

static inline uint32_t sliding_ring_frames(uint32_t level) {
  return level < SLIDING_SMALL_LEVELS ? SLIDING_SMALL_FRAMES : 2u << level;
}

static inline uint32_t sliding_ring_start(uint32_t level) {
  uint32_t copies = level * WINDOW_BLOCK_FRAMES;
  if (level < SLIDING_SMALL_LEVELS) return copies + level * SLIDING_SMALL_FRAMES;
  return copies + SLIDING_SMALL_LEVELS * SLIDING_SMALL_FRAMES + (2u << level) - (2u << SLIDING_SMALL_LEVELS);
}

static inline float *sliding_at(sliding_max *state, uint32_t level, uint32_t frame) {
  return state->ring + sliding_ring_start(level) + (frame & (sliding_ring_frames(level) - 1));
}

static inline void sliding_copy_first_block(sliding_max *state, uint32_t level, uint32_t frame, uint32_t frames) {
  uint32_t size = sliding_ring_frames(level);
  float *at = sliding_at(state, level, frame);
  if ((frame & (size - 1)) < WINDOW_BLOCK_FRAMES) memcpy(at + size, at, frames * sizeof(float));
}

static inline void sliding_larger(float *restrict out, const float *a, const float *b, uint32_t frames) {
  if (frames == WINDOW_BLOCK_FRAMES) /* nearly always: a loop of known length is a few vectors, and nothing around them */
    for (uint32_t n = 0; n < WINDOW_BLOCK_FRAMES; n++) out[n] = a[n] > b[n] ? a[n] : b[n];
  else
    for (uint32_t n = 0; n < frames; n++) out[n] = a[n] > b[n] ? a[n] : b[n];
}

/* `frame` counts from the reset; the block must not cross a multiple of WINDOW_BLOCK_FRAMES. */
static inline void sliding_push(sliding_max *state, uint32_t levels, uint32_t frame, const float *values, uint32_t frames) {
  memcpy(sliding_at(state, 0, frame), values, frames * sizeof(float));
  sliding_copy_first_block(state, 0, frame, frames);
  for (uint32_t level = 1; level < levels; level++) {
    const float *now = sliding_at(state, level - 1, frame), *before = sliding_at(state, level - 1, frame - (1u << (level - 1)));
    sliding_larger(sliding_at(state, level, frame), now, before, frames);
    sliding_copy_first_block(state, level, frame, frames);
  }
}

/* 1 <= window < 2^levels. */
static inline void sliding_read(sliding_max *state, uint32_t window, uint32_t frame, float *maxima, uint32_t frames) {
  uint32_t level = 31u - (uint32_t)__builtin_clz(window);
  sliding_larger(maxima, sliding_at(state, level, frame), sliding_at(state, level, frame + (1u << level) - window), frames);
}

/* The smallest number of levels that reads `window`. */
static inline uint32_t sliding_levels(uint32_t window) { return 32u - (uint32_t)__builtin_clz(window); }
