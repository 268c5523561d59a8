/* A million frames through a small ring between two threads, in writes and reads of every length: the same frames come out. */
#include "ordering.h"
/* ordering first */
#include <pthread.h>
#include <sched.h>

#include "audio_ring.h"
#include "check.h"

enum { FRAMES = 1000000, RING = 256, MOST = 300 };

static float samples[2 * RING];
static audio_ring ring;

static float left_of(uint32_t frame) { return (float)(frame & 0xffffff); }
static float right_of(uint32_t frame) { return -(float)(frame * 7u & 0xffffff); }

static void *writer(void *seed) {
  dice d = *(dice *)seed;
  float block[2 * MOST];
  for (uint32_t at = 0; at < FRAMES;) {
    uint32_t frames = dice_below(&d, MOST + 1);
    if (frames > FRAMES - at) frames = FRAMES - at;
    for (uint32_t n = 0; n < frames; n++) block[2 * n] = left_of(at + n), block[2 * n + 1] = right_of(at + n);
    uint32_t taken = audio_ring_write(&ring, block, frames);
    CHECK(taken <= frames);
    if (!taken) sched_yield();
    at += taken;
  }
  return NULL;
}

static void read_all(dice d) {
  float block[2 * MOST];
  for (uint32_t at = 0; at < FRAMES;) {
    uint32_t most = dice_below(&d, MOST + 1), given = audio_ring_read(&ring, block, most);
    CHECK(given <= most && given <= RING);
    for (uint32_t n = 0; n < given; n++) CHECK(block[2 * n] == left_of(at + n) && block[2 * n + 1] == right_of(at + n));
    if (!given) sched_yield();
    at += given;
  }
}

static void full_takes_no_more(void) {
  static const float block[2 * MOST];
  float out[2 * MOST];
  audio_ring_init(&ring, samples, RING);
  CHECK(audio_ring_read(&ring, out, MOST) == 0);
  CHECK(audio_ring_write(&ring, block, MOST) == RING && audio_ring_write(&ring, block, 1) == 0);
  CHECK(audio_ring_read(&ring, out, MOST) == RING && audio_ring_read(&ring, out, 1) == 0);
}

int main(void) {
  dice seed = dice_new();
  pthread_t thread;
  full_takes_no_more();
  audio_ring_init(&ring, samples, RING);
  CHECK(!pthread_create(&thread, NULL, writer, &seed));
  read_all((dice){seed.state + 2});
  CHECK(!pthread_join(thread, NULL));
  CHECK(audio_ring_waiting(&ring) == 0 && audio_ring_room(&ring) == RING);
}
