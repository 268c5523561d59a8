/* random.h - noise that repeats: SplitMix64 of a counter (Steele, Lea, Flood, OOPSLA 2014; finaliser by Stafford, variant 13). */
#pragma once
#include <stdint.h>

static const uint64_t RANDOM_STRIDE = 0x9E3779B97F4A7C15u;

static inline uint64_t random_mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/* Where the counter of a channel starts for a seed. */
static inline uint64_t random_start(uint64_t seed, uint64_t channel) { return random_mix(2 * seed + channel + RANDOM_STRIDE); }

/* The sum of two uniforms, each the centre of one of 2^32 equal cells of (0, 1): triangular in (0, 2), mean 1, variance 1/6. */
static inline double random_triangular(uint64_t *counter) {
  uint64_t bits = random_mix(*counter += RANDOM_STRIDE);
  return ((double)(uint32_t)bits + (double)(uint32_t)(bits >> 32) + 1.0) * 0x1p-32;
}
