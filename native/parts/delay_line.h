/* delay_line.h - a delay line written and read in blocks. The ring is followed by a copy of its first block, so a read is one piece. */
#pragma once
#include <string.h>

#include "windows.h"

/* The block must not cross a multiple of WINDOW_BLOCK_FRAMES. */
static inline void delay_line_write(delay_line *state, uint32_t frame, const double *values, uint32_t frames) {
  uint32_t at = frame & (DELAY_FRAMES - 1);
  memcpy(state->ring + at, values, frames * sizeof(double));
  if (at < WINDOW_BLOCK_FRAMES) memcpy(state->ring + DELAY_FRAMES + at, values, frames * sizeof(double));
}

static inline const double *delay_line_read(const delay_line *state, uint32_t frame) {
  return state->ring + (frame & (DELAY_FRAMES - 1));
}
