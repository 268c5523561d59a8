/* skew.h - stages in a row, each a frame behind the one before it, so that all of them work side by side: stage i is at frame t - i in
 * step t of a stretch. At its start and at its end some are outside; which ones, in masks of two stages with two channels each. */
#pragma once
#include "quad.h"

enum { SKEW_STAGES = 12 };

/* From the first stage on, `until` of them are in, `from` are out again. */
typedef struct {
  const int64_t *until, *from;
} skew;

/* From skew_ones(n) on: all ones for the stages before n, zeros for the rest. */
static const int64_t SKEW_ONES_AND_ZEROS[4 * SKEW_STAGES] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
_Static_assert(SKEW_STAGES == 12, "as many pairs of ones");

INLINED const int64_t *skew_ones(uint32_t stages) { return SKEW_ONES_AND_ZEROS + 2 * (SKEW_STAGES - stages); }

INLINED uint32_t skew_fewer(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Step -1, before the first, is one with nobody inside. */
INLINED skew skew_at(uint32_t stages, uint32_t t, uint32_t frames) {
  uint32_t begun = skew_fewer(t, stages - 1) + 1, over = t < frames ? 0 : skew_fewer(t - frames, stages - 1) + 1;
  return (skew){skew_ones(begun), skew_ones(over)};
}

/* Of stages 2 v and 2 v + 1. */
INLINED quad_mask skew_inside(const skew *who, uint32_t v) {
  quad_mask until, from;
  memcpy(&until, who->until + 4 * v, sizeof until);
  memcpy(&from, who->from + 4 * v, sizeof from);
  return until & ~from;
}
