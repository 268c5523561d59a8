/* One thread fills the journal as fast as it can, one reads in pieces of every length and sometimes sleeps: every bin that is read is
 * the bin it is said to be, and those read and those lost are all there were. */
#include <math.h>
#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "loudness.h"

enum { BINS = 3000000, MOST = 5000, BLOCK = 700 };

static loudness journal;
/* One bin per frame and no weighting, so that bin n holds n. */
static const loudness_coefs plain = {.bin_frames = 1, .stage = {{.b = {1, 0, 0}}, {.b = {1, 0, 0}}}};

static void *writer(void *nothing) {
  static double left[BLOCK], right[BLOCK];
  for (uint32_t at = 0; at < BINS; at += BLOCK) {
    uint32_t frames = BINS - at < BLOCK ? BINS - at : BLOCK;
    for (uint32_t n = 0; n < frames; n++) left[n] = sqrt(at + n);
    loudness_process(&journal, &plain, left, right, frames);
    if (at % (10 * BLOCK) == 0) sched_yield();
  }
  return nothing;
}

static void read_all(dice d) {
  static double bins[MOST];
  uint64_t from = 0, lost = 0, seen = 0;
  while (seen + lost < BINS) {
    uint32_t most = 1 + dice_below(&d, MOST), count = loudness_collect(&journal, &from, bins, most, &lost);
    CHECK(count <= most);
    for (uint32_t i = 0; i < count; i++) CHECK(llround(bins[i]) == (long long)(from - count + i));
    seen += count;
    if (!count || dice_below(&d, 20) == 0) sched_yield();
  }
  CHECK(seen + lost == BINS && from == BINS);
  printf("read %llu, lost %llu\n", (unsigned long long)seen, (unsigned long long)lost);
}

int main(void) {
  dice seed = dice_new();
  pthread_t thread;
  loudness_reset(&journal);
  CHECK(!pthread_create(&thread, NULL, writer, NULL));
  read_all(seed);
  CHECK(!pthread_join(thread, NULL));
}
