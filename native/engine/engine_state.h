/* engine_state.h - what an engine is made of. Not bound: outside of native/engine an engine is opaque. */
#pragma once
#include "audio_ring.h"
#include "engine.h"
#include "gate.h"
#include "mailbox.h"
#include "taps.h"

typedef struct {
  measuring_coefs coefs;
  measuring state;
} measuring_point;

/* The largest reduction of every stage, dB. */
typedef struct {
  double multiband[MULTIBAND_BANDS][2], compressor[2], clipper, limiter;
} engine_reductions;

/* What starts again with every collection. mean_square holds sums over `frames`. */
typedef struct {
  engine_point_meters point[ENGINE_POINTS];
  engine_reductions reduction_db;
  uint64_t frames;
} engine_readings;

typedef struct {
  engine_meters counters; /* its readings stay 0 */
  engine_readings readings;
} engine_report;

struct engine {
  /* Who may call. Sequentially consistent on both sides: either the caller sees the new owner or engine_attach sees it busy. */
  _Alignas(64) uint64_t owner;
  uint32_t busy;
  uint64_t audio_thread;
  _Alignas(64) uint64_t xruns; /* from any thread */
  uint64_t refused_blocks;
  _Alignas(64) uint64_t blocks;
  gate gate;
  int32_t source, metering;
  bridge *hears, *feeds;

  /* control thread */
  _Alignas(64) stream_format format;
  uint64_t serial, tokens;
  mailbox coefs_box;
  chain_coefs coefs[MAILBOX_THINGS];

  /* audio thread */
  _Alignas(64) chain chain;
  bridge *from, *to; /* of this block */
  measuring_point point[ENGINE_POINTS];
  engine_meters counters;
  engine_readings block, running; /* of this block; since the last collection */
  mailbox reports;
  engine_report report[MAILBOX_THINGS];
  _Alignas(64) double left[CHAIN_CHUNK_FRAMES], right[CHAIN_CHUNK_FRAMES];
  _Alignas(64) float pairs[2 * CHAIN_CHUNK_FRAMES];

  uint64_t orders_written;
  double orders[ENGINE_ORDERS * ENGINE_ORDER_DOUBLES];

  audio_ring player;
  _Alignas(64) float player_samples[2 * ENGINE_RING_FRAMES];
  tap tap[ENGINE_TAPS];
};
