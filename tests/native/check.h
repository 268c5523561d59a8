/* check.h - one line per thing that must be true; the first that is not ends the test with where and what. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(claim)                                                        \
  do {                                                                      \
    if (!(claim)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #claim); \
      exit(1);                                                              \
    }                                                                       \
  } while (0)

/* Random numbers that are the same everywhere; SEED in the environment starts another series. */
typedef struct {
  uint64_t state;
} dice;

static inline dice dice_new(void) {
  const char *given = getenv("SEED");
  dice d = {given ? strtoull(given, NULL, 10) | 1 : 20261123};
  printf("seed %llu\n", (unsigned long long)d.state);
  return d;
}
static inline uint64_t dice_roll(dice *d) { /* xorshift64*, Vigna 2016 */
  d->state ^= d->state >> 12, d->state ^= d->state << 25, d->state ^= d->state >> 27;
  return d->state * 0x2545F4914F6CDD1D;
}
static inline uint32_t dice_below(dice *d, uint32_t bound) { return (uint32_t)((dice_roll(d) >> 32) * bound >> 32); }
static inline double dice_between(dice *d, double low, double high) {
  return low + (high - low) * (double)(dice_roll(d) >> 11) / 9007199254740992.0;
}
