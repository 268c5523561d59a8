/* journal.h - records of doubles from one thread to one other, overwritten when nobody reads: the writer never waits.
 *
 * Every double is stored with release and read with acquire: a reader that meets one of the next round also sees `written` of that
 * round, and so knows that it came too late. */
#pragma once
#include <stdint.h>

/* Writer. `length` is a power of two; a record has `width` doubles. */
static inline void journal_post(double *journal, uint64_t *written, uint32_t length, uint32_t width, const double *record) {
  uint64_t at = *written;
  double *slot = journal + (at & (length - 1)) * width;
  for (uint32_t i = 0; i < width; i++) {
    double value = record[i];
    __atomic_store(&slot[i], &value, __ATOMIC_RELEASE);
  }
  __atomic_store_n(written, at + 1, __ATOMIC_RELEASE);
}

/* How many records from `from` on are gone when `written` have been started; the oldest is being overwritten at this moment. */
static inline uint64_t journal_overwritten(uint64_t from, uint64_t written, uint32_t length) {
  uint64_t oldest = written < length ? 0 : written - length + 1;
  return oldest > from ? oldest - from : 0;
}

/* Reader: copies records [from, written), at most `most`, oldest first; returns how many. `*from` moves behind the last one copied;
 * records that were overwritten before they were read are added to `*lost`. */
static inline uint32_t journal_collect(const double *journal, const uint64_t *written, uint32_t length, uint32_t width,
                                       uint64_t *from, double *records, uint32_t most, uint64_t *lost) {
  uint64_t now = __atomic_load_n(written, __ATOMIC_ACQUIRE);
  if (now < *from) *from = 0; /* reset since */
  uint64_t gone = journal_overwritten(*from, now, length), first = *from + gone;
  uint32_t count = now - first < most ? (uint32_t)(now - first) : most;
  for (uint32_t r = 0; r < count; r++)
    for (uint32_t i = 0; i < width; i++)
      __atomic_load(&journal[((first + r) & (length - 1)) * width + i], &records[r * width + i], __ATOMIC_ACQUIRE);
  uint64_t late = journal_overwritten(first, __atomic_load_n(written, __ATOMIC_ACQUIRE), length);
  if (late > count) late = count; /* the rest is found next time */
  for (uint64_t i = 0; i + late * width < (uint64_t)count * width; i++) records[i] = records[i + late * width];
  *lost += gone + late;
  *from = first + count;
  return count - (uint32_t)late;
}
