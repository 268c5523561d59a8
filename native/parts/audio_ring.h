/* audio_ring.h - stereo frames (interleaved float32) from one thread to one other. Never waits: says how many frames went. */
#pragma once
#include <stdint.h>
#include <string.h>

typedef struct {
  _Alignas(64) uint64_t written; /* frames ever written: the writer's */
  _Alignas(64) uint64_t read;    /* frames ever read: the reader's */
  _Alignas(64) float *samples;   /* 2 * (mask + 1) */
  uint32_t mask;                 /* length in frames less 1; the length is a power of two */
} audio_ring;

static inline void audio_ring_init(audio_ring *ring, float *samples, uint32_t frames) {
  *ring = (audio_ring){.samples = samples, .mask = frames - 1};
}

static inline uint32_t audio_ring_lesser(uint64_t a, uint64_t b) { return (uint32_t)(a < b ? a : b); }

/* Writer: frames that fit. */
static inline uint32_t audio_ring_room(const audio_ring *ring) {
  return (uint32_t)(ring->mask + 1 - (ring->written - __atomic_load_n(&ring->read, __ATOMIC_ACQUIRE)));
}

/* Reader: frames that wait. */
static inline uint32_t audio_ring_waiting(const audio_ring *ring) {
  return (uint32_t)(__atomic_load_n(&ring->written, __ATOMIC_ACQUIRE) - ring->read);
}

static inline uint32_t audio_ring_write(audio_ring *ring, const float *interleaved, uint32_t frames) {
  uint32_t taken = audio_ring_lesser(frames, audio_ring_room(ring)), at = (uint32_t)ring->written & ring->mask;
  uint32_t first = audio_ring_lesser(taken, ring->mask + 1 - at);
  memcpy(ring->samples + 2 * (size_t)at, interleaved, first * 2 * sizeof(float));
  memcpy(ring->samples, interleaved + 2 * (size_t)first, (taken - first) * 2 * sizeof(float));
  __atomic_store_n(&ring->written, ring->written + taken, __ATOMIC_RELEASE);
  return taken;
}

static inline uint32_t audio_ring_read(audio_ring *ring, float *interleaved, uint32_t most_frames) {
  uint32_t given = audio_ring_lesser(most_frames, audio_ring_waiting(ring)), at = (uint32_t)ring->read & ring->mask;
  uint32_t first = audio_ring_lesser(given, ring->mask + 1 - at);
  memcpy(interleaved, ring->samples + 2 * (size_t)at, first * 2 * sizeof(float));
  memcpy(interleaved + 2 * (size_t)first, ring->samples, (given - first) * 2 * sizeof(float));
  __atomic_store_n(&ring->read, ring->read + given, __ATOMIC_RELEASE);
  return given;
}
