/* taps.h - copies of what passes a place in the engine, in rings for threads that write files or feed a monitor. A tap that nobody
 * empties is full, and loses what comes; the audio does not notice. */
#pragma once
#include "audio_ring.h"

typedef struct {
  audio_ring ring;
  int32_t on;
  _Alignas(64) float samples[2 * ENGINE_RING_FRAMES];
} tap;

/* Control thread. */
static inline void tap_init(tap *t) { audio_ring_init(&t->ring, t->samples, ENGINE_RING_FRAMES); }
static inline void tap_turn(tap *t, int32_t on) { __atomic_store_n(&t->on, on, __ATOMIC_RELAXED); }

/* Audio thread. */
static inline int tap_is_on(const tap *t) { return __atomic_load_n(&t->on, __ATOMIC_RELAXED); }
