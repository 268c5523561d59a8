/* box.h - running sum over the last `length` integers: exact, so it never drifts, and 0 when everything in it is 0. */
#pragma once
#include "windows.h"

static inline int64_t box_next(box *state, uint32_t length, uint32_t frame, int64_t value) {
  state->sum += value - state->ring[(frame - length) & (BOX_FRAMES - 1)];
  state->ring[frame & (BOX_FRAMES - 1)] = value;
  return state->sum;
}
