/* engine.c - the control thread's side. */
#include "engine.h"

#include "engine_state.h"
#include "gauges.h"
#include "journal.h"

size_t engine_size(void) { return sizeof(engine); }

static void measuring_point_init(measuring_point *point, const stream_format *format) {
  measuring_design(&point->coefs, format);
  measuring_reset(&point->state);
}

engine *engine_init(void *memory, const stream_format *format, const chain_params *params) {
  engine *e = memset(memory, 0, sizeof(engine)); /* touches every page, so the callback meets none for the first time */
  e->format = *format;
  mailbox_init(&e->coefs_box);
  mailbox_init(&e->reports);
  audio_ring_init(&e->player, e->player_samples, ENGINE_RING_FRAMES);
  for (int at = 0; at < ENGINE_TAPS; at++) tap_init(&e->tap[at]);
  for (int at = 0; at < ENGINE_POINTS; at++) measuring_point_init(&e->point[at], format);
  engine_metering(e, 1);
  chain_reset(&e->chain);
  engine_publish(e, params, 0);
  return e;
}

uint32_t engine_latency_frames(const engine *e) { return chain_latency_frames(&e->format); }

uint64_t engine_publish(engine *e, const chain_params *params, uint32_t ramp_frames) {
  chain_coefs *coefs = &e->coefs[e->coefs_box.back];
  chain_design(coefs, params, &e->format);
  chain_announce(coefs, ++e->serial, ramp_frames);
  mailbox_post(&e->coefs_box);
  return e->serial;
}

uint64_t engine_attach(engine *e) {
  uint64_t token = ++e->tokens;
  __atomic_store_n(&e->owner, token, __ATOMIC_SEQ_CST);
  return __atomic_load_n(&e->busy, __ATOMIC_SEQ_CST) ? 0 : token;
}

void engine_gate(engine *e, int32_t open, uint32_t fade_frames) { gate_give_order(&e->gate, open, fade_frames); }
int32_t engine_gate_settled(const engine *e) { return gate_is_settled(&e->gate); }
uint64_t engine_blocks(const engine *e) { return __atomic_load_n(&e->blocks, __ATOMIC_RELAXED); }
uint64_t engine_audio_thread(const engine *e) { return __atomic_load_n(&e->audio_thread, __ATOMIC_RELAXED); }
int32_t engine_collect(engine *e, engine_meters *meters) { return gauges_collect(e, meters); }
const loudness *engine_loudness(const engine *e, int32_t point) { return &e->point[point].state.loudness; }
const levels *engine_levels(const engine *e, int32_t point) { return &e->point[point].state.levels; }
const spectrum *engine_spectrum(const engine *e, int32_t point) { return &e->point[point].state.spectrum; }
void engine_recall_agc(engine *e, const double gain_db[2]) { agc_recall(&e->chain.agc, gain_db); }
void engine_source(engine *e, int32_t source) { __atomic_store_n(&e->source, source, __ATOMIC_RELAXED); }
void engine_hear(engine *e, bridge *from) { __atomic_store_n(&e->hears, from, __ATOMIC_RELEASE); }
void engine_feed(engine *e, bridge *to) { __atomic_store_n(&e->feeds, to, __ATOMIC_RELEASE); }
void engine_metering(engine *e, int32_t on) { __atomic_store_n(&e->metering, on, __ATOMIC_RELAXED); }
void engine_tap(engine *e, int32_t at, int32_t on) { tap_turn(&e->tap[at], on); }

uint32_t engine_player_write(engine *e, const float *interleaved, uint32_t frames) {
  return audio_ring_write(&e->player, interleaved, frames);
}
uint32_t engine_player_waiting(const engine *e) { return ENGINE_RING_FRAMES - audio_ring_room(&e->player); }
uint32_t engine_tap_read(engine *e, int32_t at, float *interleaved, uint32_t most_frames) {
  return audio_ring_read(&e->tap[at].ring, interleaved, most_frames);
}
uint32_t engine_orders(const engine *e, uint64_t *from, double *records, uint32_t most, uint64_t *lost) {
  return journal_collect(e->orders, &e->orders_written, ENGINE_ORDERS, ENGINE_ORDER_DOUBLES, from, records, most, lost);
}
