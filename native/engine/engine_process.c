/* engine_process.c - the audio thread's side: everything reachable from here allocates nothing, locks nothing, calls nobody. */
#define _POSIX_C_SOURCE 199309L
#include <pthread.h>

#include "engine.h"
#include "engine_state.h"
#include "fpu.h"
#include "gauges.h"
#include "guard.h"
#include "monotonic.h"
#include "orders.h"

#define NOINLINE __attribute__((noinline)) /* arithmetic must not drift out from between fpu_enter and fpu_leave */

/* Where a checker that was preloaded into the process hangs itself in. */
extern void rtcheck_enter(void) __attribute__((weak));
extern void rtcheck_exit(void) __attribute__((weak));

/* ---- the caller's format: exactly one of the three is used ---- */
enum { WHOLE, BEFORE_EQ, AFTER_EQ };

typedef struct {
  const float *pairs_in, *left_in, *right_in;
  float *pairs_out, *left_out, *right_out;
  double *left, *right;
  int32_t half; /* of `left` and `right` only */
} audio_buffers;

static void buffers_read(const audio_buffers *b, uint32_t at, double *left, double *right, uint32_t frames) {
  if (b->pairs_in) {
    const float *pairs = b->pairs_in + 2 * (size_t)at;
    for (uint32_t n = 0; n < frames; n++) left[n] = (double)pairs[2 * n], right[n] = (double)pairs[2 * n + 1];
  } else if (b->left) {
    memcpy(left, b->left + at, frames * sizeof *left);
    memcpy(right, b->right + at, frames * sizeof *right);
  } else {
    for (uint32_t n = 0; n < frames; n++) left[n] = (double)b->left_in[at + n], right[n] = (double)b->right_in[at + n];
  }
}

static void buffers_write(const audio_buffers *b, uint32_t at, const double *left, const double *right, uint32_t frames) {
  if (b->pairs_out) {
    float *pairs = b->pairs_out + 2 * (size_t)at;
    for (uint32_t n = 0; n < frames; n++) pairs[2 * n] = (float)left[n], pairs[2 * n + 1] = (float)right[n];
  } else if (b->left) {
    memcpy(b->left + at, left, frames * sizeof *left);
    memcpy(b->right + at, right, frames * sizeof *right);
  } else {
    for (uint32_t n = 0; n < frames; n++) b->left_out[at + n] = (float)left[n], b->right_out[at + n] = (float)right[n];
  }
}

static void buffers_silence(const audio_buffers *b, uint32_t frames) {
  if (b->pairs_out) {
    memset(b->pairs_out, 0, 2 * (size_t)frames * sizeof *b->pairs_out);
  } else if (b->left) {
    memset(b->left, 0, frames * sizeof *b->left);
    memset(b->right, 0, frames * sizeof *b->right);
  } else {
    memset(b->left_out, 0, frames * sizeof *b->left_out);
    memset(b->right_out, 0, frames * sizeof *b->right_out);
  }
}

/* ---- one chunk ---- */
static void play(engine *e, double *left, double *right, uint32_t frames) {
  uint32_t given = audio_ring_read(&e->player, e->pairs, frames);
  memset(e->pairs + 2 * given, 0, 2 * (frames - given) * sizeof *e->pairs);
  e->counters.player_dry_frames += frames - given;
  buffers_read(&(audio_buffers){.pairs_in = e->pairs}, 0, left, right, frames);
}

static void hear(engine *e, double *left, double *right, uint32_t frames) {
  bridge_read(e->from, e->pairs, frames);
  buffers_read(&(audio_buffers){.pairs_in = e->pairs}, 0, left, right, frames);
}

static void feed(engine *e, const double *left, const double *right, uint32_t frames) {
  if (!e->to) return;
  buffers_write(&(audio_buffers){.pairs_out = e->pairs}, 0, left, right, frames);
  bridge_write(e->to, e->pairs, frames);
}

static void copy_to_tap(engine *e, int at, const double *left, const double *right, uint32_t frames) {
  if (!tap_is_on(&e->tap[at])) return;
  buffers_write(&(audio_buffers){.pairs_out = e->pairs}, 0, left, right, frames);
  e->counters.tap_lost_frames[at] += frames - audio_ring_write(&e->tap[at].ring, e->pairs, frames);
}

static void guard_input(engine *e, double *left, double *right, uint32_t frames) {
  guard_counts counts = {0, 0};
  guard(left, frames, &counts);
  guard(right, frames, &counts);
  e->counters.nonfinite_samples += counts.nonfinite;
  e->counters.clamped_samples += counts.clamped;
}

static void finish_chunk(engine *e, double *left, double *right, uint32_t frames) {
  gate_process(&e->gate, left, right, frames);
  gauge_point(e, POINT_OUTPUT, left, right, frames);
  copy_to_tap(e, TAP_OUTPUT, left, right, frames);
  feed(e, left, right, frames);
}

static void process_chunk(engine *e, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  copy_to_tap(e, TAP_INPUT, left, right, frames);
  guard_input(e, left, right, frames);
  gauge_point(e, POINT_INPUT, left, right, frames);
  chain_process(&e->chain, coefs, left, right, frames);
  finish_chunk(e, left, right, frames);
}

/* ---- a file in two halves ---- */
static void process_half(engine *e, const chain_coefs *coefs, int half, double *left, double *right, uint32_t frames) {
  if (half == BEFORE_EQ) {
    guard_input(e, left, right, frames);
    gauge_point(e, POINT_INPUT, left, right, frames);
    chain_process_before_eq(&e->chain, coefs, left, right, frames);
  } else {
    chain_process_after_eq(&e->chain, coefs, left, right, frames);
    finish_chunk(e, left, right, frames);
  }
}

/* ---- one block ---- */
/* Which bridges this block goes over: the same from its first frame to its last. */
static void cross_bridges(engine *e, uint32_t frames, uint64_t called_ns) {
  e->from = __atomic_load_n(&e->hears, __ATOMIC_ACQUIRE);
  e->to = __atomic_load_n(&e->feeds, __ATOMIC_ACQUIRE);
  if (e->from) bridge_begin(e->from, frames, called_ns);
}

static NOINLINE void process_block(engine *e, const audio_buffers *buffers, uint32_t frames, uint64_t called_ns) {
  const chain_coefs *coefs = orders_take_coefs(e);
  int playing = __atomic_load_n(&e->source, __ATOMIC_RELAXED) == SOURCE_PLAYER;
  cross_bridges(e, frames, called_ns);
  orders_follow_gate(e);
  for (uint32_t at = 0; at < frames; at += CHAIN_CHUNK_FRAMES) {
    uint32_t some = frames - at < CHAIN_CHUNK_FRAMES ? frames - at : CHAIN_CHUNK_FRAMES;
    if (playing) play(e, e->left, e->right, some);
    else if (e->from) hear(e, e->left, e->right, some);
    else buffers_read(buffers, at, e->left, e->right, some);
    if (buffers->half) process_half(e, coefs, buffers->half, e->left, e->right, some);
    else process_chunk(e, coefs, e->left, e->right, some);
    buffers_write(buffers, at, e->left, e->right, some);
  }
  if (e->to) bridge_stamp(e->to, frames, called_ns);
  gauge_stages(e);
  gate_report(&e->gate);
}

static NOINLINE void finish_block(engine *e, uint32_t frames, uint64_t took_ns) {
  e->counters.frames += frames;
  e->counters.blocks++;
  e->counters.block_frames = frames;
  e->block.frames = frames;
  gauge_time(e, frames, took_ns);
  gauges_post(e);
  __atomic_store_n(&e->audio_thread, (uint64_t)pthread_self(), __ATOMIC_RELAXED);
  __atomic_store_n(&e->blocks, e->counters.blocks, __ATOMIC_RELEASE);
}

static void serve(engine *e, const audio_buffers *buffers, uint32_t frames) {
  uint64_t began_ns = monotonic_ns(), fpu = fpu_enter();
  process_block(e, buffers, frames, began_ns);
  finish_block(e, frames, monotonic_ns() - began_ns);
  fpu_leave(fpu);
}

/* An older host never touches `busy`, so it cannot take a block from the new one. */
static int enter(engine *e, uint64_t token) {
  if (!token || __atomic_load_n(&e->owner, __ATOMIC_SEQ_CST) != token) return 0;
  if (__atomic_exchange_n(&e->busy, 1, __ATOMIC_SEQ_CST)) return 0;
  if (__atomic_load_n(&e->owner, __ATOMIC_SEQ_CST) == token) return 1;
  __atomic_store_n(&e->busy, 0, __ATOMIC_SEQ_CST);
  return 0;
}

static void process(engine *e, uint64_t token, const audio_buffers *buffers, uint32_t frames) {
  if (!frames) return;
  if (rtcheck_enter) rtcheck_enter();
  if (enter(e, token)) {
    serve(e, buffers, frames);
    __atomic_store_n(&e->busy, 0, __ATOMIC_SEQ_CST);
  } else {
    buffers_silence(buffers, frames);
    __atomic_fetch_add(&e->refused_blocks, 1, __ATOMIC_RELAXED);
  }
  if (rtcheck_exit) rtcheck_exit();
}

void engine_process_interleaved(engine *e, uint64_t token, const float *pairs_in, float *pairs_out, uint32_t frames) {
  process(e, token, &(audio_buffers){.pairs_in = pairs_in, .pairs_out = pairs_out}, frames);
}

void engine_process_planar(engine *e, uint64_t token, const float *left_in, const float *right_in, float *left_out,
                           float *right_out, uint32_t frames) {
  process(e, token, &(audio_buffers){.left_in = left_in, .right_in = right_in, .left_out = left_out, .right_out = right_out},
          frames);
}

void engine_process_double(engine *e, uint64_t token, double *left, double *right, uint32_t frames) {
  process(e, token, &(audio_buffers){.left = left, .right = right}, frames);
}

void engine_process_before_eq(engine *e, uint64_t token, double *left, double *right, uint32_t frames) {
  process(e, token, &(audio_buffers){.left = left, .right = right, .half = BEFORE_EQ}, frames);
}

void engine_process_after_eq(engine *e, uint64_t token, double *left, double *right, uint32_t frames) {
  process(e, token, &(audio_buffers){.left = left, .right = right, .half = AFTER_EQ}, frames);
}

void engine_xrun(engine *e) { __atomic_fetch_add(&e->xruns, 1, __ATOMIC_RELAXED); }
