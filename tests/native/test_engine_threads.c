/* An audio thread, an abandoned host, a control thread, a player and a recorder at one engine: for ThreadSanitizer, and for the
 * sums: every block is in the meters once, every peak in exactly one collection. */
#include <sched.h>

#include "bench_engine.h"

enum { BLOCKS = 1500, BLOCK = 64 };

static engine *e;
static uint64_t token, running = 1, published;

static int goes_on(void) { return (int)__atomic_load_n(&running, __ATOMIC_SEQ_CST); }

static void *audio(void *unused) {
  float block[2 * BLOCK] = {0};
  while (!__atomic_load_n(&published, __ATOMIC_SEQ_CST)) sched_yield();
  for (uint32_t n = 0; n < BLOCKS; n++) {
    block[0] = n == BLOCKS / 2 ? 2.0f : 0.0f; /* one frame is the loudest */
    block[1] = 0;
    engine_process_interleaved(e, token, block, block, BLOCK);
    if (n % 16 == 0) sched_yield();
  }
  __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
  return unused;
}

static void *abandoned_host(void *old_token) {
  float block[2 * BLOCK];
  while (goes_on()) {
    engine_process_interleaved(e, *(uint64_t *)old_token, block, block, BLOCK);
    engine_xrun(e);
    CHECK(block[0] == 0 && block[2 * BLOCK - 1] == 0);
    sched_yield();
  }
  return NULL;
}

static void *rings(void *unused) {
  float block[2 * 100] = {0.1f};
  while (goes_on()) {
    engine_player_write(e, block, 100);
    for (int32_t at = 0; at < ENGINE_TAPS; at++) engine_tap_read(e, at, block, 100);
    sched_yield();
  }
  return unused;
}

static void control(void) {
  chain_params params = flat_params();
  engine_meters meters = {0};
  uint32_t loud = 0;
  double bins[16];
  double order[16 * ENGINE_ORDER_DOUBLES];
  uint64_t from = 0, lost = 0, orders = 0, orders_lost = 0, records = 0;
  for (int round = 0; goes_on() || round < 10; round++) {
    params.limiter.drive_db = round % 24;
    __atomic_store_n(&published, engine_publish(e, &params, 100), __ATOMIC_SEQ_CST);
    engine_gate(e, round % 4 != 3, 64);
    for (int32_t at = 0; at < ENGINE_TAPS; at++) engine_tap(e, at, (round + at) % 2);
    records += engine_orders(e, &orders, order, 16, &orders_lost);
    if (round % 8 == 7) engine_source(e, SOURCE_DEVICE);
    loud += engine_collect(e, &meters) && meters.point[POINT_INPUT].sample_peak[0] == 2;
    loudness_collect(engine_loudness(e, POINT_OUTPUT), &from, bins, 16, &lost);
    CHECK(engine_gate_settled(e) >= 0 && engine_blocks(e) <= BLOCKS);
    sched_yield();
  }
  loud += engine_collect(e, &meters) && meters.point[POINT_INPUT].sample_peak[0] == 2;
  CHECK(loud == 1);
  CHECK(meters.blocks == BLOCKS && meters.frames == (uint64_t)BLOCKS * BLOCK);
  CHECK(meters.applied_serial > 1);
  while (engine_orders(e, &orders, order, 16, &orders_lost)) records++;
  CHECK(records > 1 && order[1] <= ORDER_GATE);
}

int main(void) {
  stream_format format = {48000, LATENCY_NORMAL};
  chain_params params = flat_params();
  pthread_t threads[3];
  e = engine_new(&format, &params);
  uint64_t old_token = engine_attach(e);
  token = engine_attach(e);
  CHECK(!pthread_create(&threads[0], NULL, audio, NULL));
  CHECK(!pthread_create(&threads[1], NULL, abandoned_host, &old_token));
  CHECK(!pthread_create(&threads[2], NULL, rings, NULL));
  control();
  for (int n = 0; n < 3; n++) CHECK(!pthread_join(threads[n], NULL));
  free(e);
}
