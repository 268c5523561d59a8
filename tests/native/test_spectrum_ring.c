/* One thread fills the ring in blocks of every length, one reads in pieces of every length and sometimes sleeps: every frame that is read is
 * the frame it is said to be, and those read and those lost are all there were. The journals of the levels likewise. */
#include <pthread.h>
#include <sched.h>

#include "check.h"
#include "measuring.h"

enum { FRAMES = 2000000, MOST = 500, BLOCK = 700 };

static spectrum ring;
static levels counted;
static const levels_coefs single = {.bin_frames = 1, .block_frames = 5}; /* bin n is frame n */

static void *writer(void *nothing) {
  static double left[BLOCK], right[BLOCK];
  dice d = dice_new();
  for (uint32_t at = 0, frames; at < FRAMES; at += frames) {
    frames = 1 + dice_below(&d, BLOCK);
    if (frames > FRAMES - at) frames = FRAMES - at;
    for (uint32_t n = 0; n < frames; n++) left[n] = at + n, right[n] = -left[n]; /* below 2^24: exact in float32 */
    spectrum_process(&ring, left, right, frames);
    for (uint32_t n = 0; n < frames; n++) left[n] = (at + n) % 1000 * 1e-3, right[n] = 0.5;
    levels_process(&counted, &single, left, right, frames);
    if (dice_below(&d, 10) == 0) sched_yield();
  }
  return nothing;
}

static uint64_t read_ring(dice *d, uint64_t *from, uint64_t *lost) {
  static float pairs[2 * MOST];
  uint32_t count = spectrum_collect(&ring, from, pairs, 1 + dice_below(d, MOST), lost);
  for (uint32_t i = 0; i < count; i++) {
    float frame = (float)(*from - count + i);
    CHECK(pairs[2 * i] == frame && pairs[2 * i + 1] == -frame);
  }
  return count;
}

static uint64_t read_bins(dice *d, uint64_t *from, uint64_t *lost) {
  static levels_bin bins[MOST];
  uint32_t count = levels_collect_bins(&counted, from, bins, 1 + dice_below(d, MOST), lost);
  for (uint32_t i = 0; i < count; i++)
    CHECK(bins[i].mean[0] == (double)((*from - count + i) % 1000) * 1e-3 && bins[i].mean[1] == 0.5);
  return count;
}

static void read_all(dice d) {
  uint64_t from[2] = {0, 0}, lost[2] = {0, 0}, seen[2] = {0, 0};
  while (seen[0] + lost[0] < FRAMES || seen[1] + lost[1] < FRAMES) {
    seen[0] += read_ring(&d, &from[0], &lost[0]);
    seen[1] += read_bins(&d, &from[1], &lost[1]);
    if (dice_below(&d, 20) == 0) sched_yield();
  }
  CHECK(seen[0] + lost[0] == FRAMES && seen[1] + lost[1] == FRAMES);
  printf("frames lost %llu, bins lost %llu of %d\n", (unsigned long long)lost[0], (unsigned long long)lost[1], FRAMES);
}

int main(void) {
  dice seed = dice_new();
  pthread_t thread;
  spectrum_reset(&ring);
  levels_reset(&counted);
  CHECK(!pthread_create(&thread, NULL, writer, NULL));
  read_all(seed);
  CHECK(!pthread_join(thread, NULL));
}
