/* A bridge between two threads as fast as they can, each by its own clock and with stalls of its own: a constant stays that constant,
 * but for fades, whatever is lost. */
#include <pthread.h>
#include <sched.h>

#include "bridge.h"
#include "check.h"

enum { BLOCKS = 6000, WRITTEN_FRAMES = 128, READ_FRAMES = 192, MARGIN_MS = 10 };

static const double RATE_HZ = 48000, WRITER_PPM = 150;
static const float LEVEL = 0.5f;
static bridge *between;
static uint64_t writer_ns, reader_ns; /* atomic: the callback that each is at */

/* Keeps the two together within 8 ms, as cards are that run side by side. Whoever is behind never waits. */
static void keep_together(uint64_t *own, uint64_t own_ns, const uint64_t *other_ns) {
  __atomic_store_n(own, own_ns, __ATOMIC_RELAXED);
  while (__atomic_load_n(other_ns, __ATOMIC_RELAXED) + 8000000 < own_ns) sched_yield();
}

static uint64_t callback_ns(uint32_t block, uint32_t frames, double ppm, dice *d) {
  double late_s = dice_below(d, 200) ? dice_between(d, 0, 0.0002) : dice_between(d, 0, 0.02);
  return (uint64_t)(((double)block * frames / (RATE_HZ * (1 + ppm * 1e-6)) + late_s) * 1e9);
}

static void *writer(void *seed) {
  dice d = *(dice *)seed;
  float block[2 * WRITTEN_FRAMES];
  for (int n = 0; n < 2 * WRITTEN_FRAMES; n++) block[n] = LEVEL;
  for (uint32_t at = 1; at <= BLOCKS; at++) {
    uint64_t now_ns = callback_ns(at, WRITTEN_FRAMES, WRITER_PPM, &d);
    keep_together(&writer_ns, now_ns, &reader_ns);
    bridge_write(between, block, WRITTEN_FRAMES);
    bridge_stamp(between, WRITTEN_FRAMES, now_ns);
  }
  __atomic_store_n(&writer_ns, UINT64_MAX / 2, __ATOMIC_RELAXED);
  return NULL;
}

static void reader(dice d) {
  uint32_t full = 0, last = BLOCKS * WRITTEN_FRAMES / READ_FRAMES;
  float block[2 * READ_FRAMES];
  for (uint32_t at = 1; at <= last; at++) {
    uint64_t now_ns = callback_ns(at, READ_FRAMES, 0, &d);
    keep_together(&reader_ns, now_ns, &writer_ns);
    bridge_begin(between, READ_FRAMES, now_ns);
    bridge_read(between, block, READ_FRAMES);
    for (int n = 0; n < 2 * READ_FRAMES; n++) {
      CHECK(block[n] >= 0 && block[n] <= LEVEL * 1.000001f);
      full += block[n] >= LEVEL * 0.999999f;
    }
  }
  __atomic_store_n(&reader_ns, UINT64_MAX / 2, __ATOMIC_RELAXED);
  CHECK(full > last * READ_FRAMES); /* half of all samples at least */
}

int main(void) {
  dice seed = dice_new();
  bridge_report report;
  pthread_t thread;
  between = bridge_init(aligned_alloc(64, (bridge_size() + 63) / 64 * 64), RATE_HZ, MARGIN_MS);
  CHECK(!pthread_create(&thread, NULL, writer, &seed));
  reader((dice){seed.state + 2});
  CHECK(!pthread_join(thread, NULL));
  bridge_look(between, &report);
  printf("%llu slips, %.1f ppm\n", (unsigned long long)report.slips, report.drift_ppm);
  CHECK(report.drift_ppm > 0 && report.nonfinite_samples == 0);
  free(between);
}
