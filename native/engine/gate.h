/* gate.h - fades the output in and out: gain = p^2 (3 - 2p), p moving evenly from where it stands to 0 or 1 in `fade_frames`.
 * Open, it leaves every bit as it is; closed, it is exact silence. */
#pragma once
#include <stdint.h>
#include <string.h>

typedef struct {
  uint64_t order, settled;     /* orders, packed by gate_pack: the newest given, the newest carried out; both threads */
  uint64_t following;          /* the rest is the audio thread's */
  double position, step, goal; /* 0 closed .. 1 open */
  uint32_t left_frames;
} gate;

/* One word, so an order is never torn: serial, open, fade_frames. */
static inline uint64_t gate_pack(uint64_t before, int open, uint32_t fade_frames) {
  return ((before >> 33) + 1) << 33 | (uint64_t)(open != 0) << 32 | fade_frames;
}

/* Control thread. */
static inline void gate_give_order(gate *state, int open, uint32_t fade_frames) {
  __atomic_store_n(&state->order, gate_pack(state->order, open, fade_frames), __ATOMIC_RELEASE);
}
static inline int gate_is_settled(const gate *state) {
  return __atomic_load_n(&state->settled, __ATOMIC_ACQUIRE) == __atomic_load_n(&state->order, __ATOMIC_RELAXED);
}

/* Audio thread, at the start of a block: 1 when there was a new order. */
static inline int gate_follow(gate *state) {
  uint64_t order = __atomic_load_n(&state->order, __ATOMIC_ACQUIRE);
  if (order == state->following) return 0;
  state->following = order;
  state->goal = (double)(order >> 32 & 1);
  state->left_frames = state->position == state->goal ? 0 : (uint32_t)order;
  state->step = state->left_frames ? (state->goal - state->position) / state->left_frames : 0;
  if (!state->left_frames) state->position = state->goal;
  return 1;
}

/* The order being followed. */
static inline int gate_opens(const gate *state) { return (int)(state->following >> 32 & 1); }
static inline uint32_t gate_fade_frames(const gate *state) { return (uint32_t)state->following; }

static inline double gate_step(gate *state) {
  if (state->left_frames) state->position = --state->left_frames ? state->position + state->step : state->goal;
  return state->position * state->position * (3 - 2 * state->position);
}

/* Audio thread, in place. */
static inline void gate_process(gate *state, double *left, double *right, uint32_t frames) {
  uint32_t n = 0;
  for (; n < frames && state->left_frames; n++) {
    double gain = gate_step(state);
    left[n] *= gain, right[n] *= gain;
  }
  if (state->left_frames || state->position == 1) return;
  memset(left + n, 0, (frames - n) * sizeof *left);
  memset(right + n, 0, (frames - n) * sizeof *right);
}

/* Audio thread, at the end of a block. */
static inline void gate_report(gate *state) {
  if (!state->left_frames) __atomic_store_n(&state->settled, state->following, __ATOMIC_RELEASE);
}
