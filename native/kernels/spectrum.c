#include "spectrum.h"

#include <string.h>

enum { MASK = SPECTRUM_FRAMES - 1 };

void spectrum_reset(spectrum *state) {
  __atomic_store_n(&state->begun, 0, __ATOMIC_RELEASE);
  __atomic_store_n(&state->written, 0, __ATOMIC_RELEASE);
}

/* Frames are stored with release and read with acquire: a reader that meets a frame of the next round also sees `begun` of that round, and
 * so knows that it came too late. */
void spectrum_process(spectrum *state, const double *left, const double *right, uint32_t frames) {
  uint64_t at = state->written;
  __atomic_store_n(&state->begun, at + frames, __ATOMIC_RELAXED);
  for (uint32_t n = 0; n < frames; n++) {
    float pair[2] = {(float)left[n], (float)right[n]};
    uint64_t word;
    memcpy(&word, pair, sizeof word);
    __atomic_store_n(&state->ring[(at + n) & MASK], word, __ATOMIC_RELEASE);
  }
  __atomic_store_n(&state->written, at + frames, __ATOMIC_RELEASE);
}

uint64_t spectrum_written(const spectrum *state) { return __atomic_load_n(&state->written, __ATOMIC_ACQUIRE); }

static uint64_t overwritten(const spectrum *state, uint64_t from) {
  uint64_t begun = __atomic_load_n(&state->begun, __ATOMIC_ACQUIRE);
  uint64_t oldest = begun < SPECTRUM_FRAMES ? 0 : begun - SPECTRUM_FRAMES;
  return oldest > from ? oldest - from : 0;
}

uint32_t spectrum_collect(const spectrum *state, uint64_t *from, float *pairs, uint32_t most, uint64_t *lost) {
  uint64_t written = spectrum_written(state);
  if (written < *from) *from = 0; /* reset since */
  uint64_t gone = overwritten(state, *from), first = *from + gone;
  uint64_t waiting = written > first ? written - first : 0;
  uint32_t count = waiting < most ? (uint32_t)waiting : most;
  for (uint32_t n = 0; n < count; n++) {
    uint64_t word = __atomic_load_n(&state->ring[(first + n) & MASK], __ATOMIC_ACQUIRE);
    memcpy(pairs + 2 * (size_t)n, &word, sizeof word);
  }
  uint64_t late = overwritten(state, first);
  if (late > count) late = count;
  memmove(pairs, pairs + 2 * late, (count - late) * 2 * sizeof *pairs);
  *lost += gone + late;
  *from = first + count;
  return count - (uint32_t)late;
}
