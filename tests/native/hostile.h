/* hostile.h - plays a tape of bytes to an engine: parameters inside their ranges and beyond, hostile audio in blocks of any length, changes
 * of host, gate and format. After every block:
 *
 *   what leaves is finite and at most the limiter's ceiling, as it was when the frame entered the limiter
 *   every meter is finite; the counters have counted what was given; the journals hold a finite, positive record for every 10 ms
 *
 * and at the end of every fourth tape (the probe takes time), 50 ms after the last of it, the flat chain gives a probe signal back. On a raw tape the audio goes into the
 * chain past the engine's guard, so that every kernel meets it. */
#pragma once
#include <string.h>

#include "any_params.h"
#include "bench_engine.h"

enum { HOSTILE_BLOCK_FRAMES = 1024, HOSTILE_FRAMES = 24000, HOSTILE_CEILINGS = 4096, HOSTILE_BINS = 64 };

static const double HOSTILE_RATES_HZ[] = {44100, 48000, 88200, 96000, 176400, 192000};

typedef struct {
  const uint8_t *at, *end;
} tape;

/* What the operator has asked of the limiter, frame by frame. */
typedef struct {
  double now, target, step, asked;
  uint32_t left_frames, asked_ramp_frames;
  int asking, started;
  uint32_t frame;
  double entered[HOSTILE_CEILINGS];
} ceiling_model;

typedef struct {
  tape tape;
  dice dice;
  stream_format format;
  void *memory;
  engine *engine;
  chain_coefs *coefs; /* of a raw tape */
  uint64_t serial;
  int raw;
  chain_params params;
  uint64_t token;
  ceiling_model ceiling;
  uint64_t frames, spent_frames, nonfinite, clamped, refused;
  int playing, has_played;
  uint64_t loudness_from[ENGINE_POINTS], levels_from[ENGINE_POINTS];
} hostile;

/* ---- the tape ---- */

static inline uint64_t tape_bytes(tape *t, int count) {
  uint64_t value = 0;
  for (int n = 0; n < count; n++) value = value << 8 | (t->at < t->end ? *t->at++ : 0);
  return value;
}
static inline uint32_t tape_below(tape *t, uint32_t bound) { return (uint32_t)tape_bytes(t, bound > 256 ? 2 : 1) % bound; }
static inline double tape_double(tape *t) {
  uint64_t bits = tape_bytes(t, 8);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* ---- parameters ---- */

static inline double hostile_value(hostile *h, const param_row *row) {
  static const double far[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 1e300, -1e300, 0, -0.0, 1e-310};
  double share = 0, span = row->high - row->low;
  uint32_t how = tape_below(&h->tape, 8);
  if (how >= 5) share = (double)tape_bytes(&h->tape, 2) / 65535;
  switch (how) {
    case 0:
      return row->low;
    case 1:
      return row->high;
    case 2:
      return row->standard;
    case 3:
      return far[tape_below(&h->tape, 8)];
    case 4:
      return tape_double(&h->tape);
    case 5:
      return row->low - span * share * 100;
    case 6:
      return row->high + span * share * 100;
    default:
      return row->low + (row->kind == PARAM_NUMBER ? span * share : floor(span * share + 0.5));
  }
}

static inline void set_one(hostile *h) {
  const param_row *row = &PARAM_ROWS[tape_below(&h->tape, PARAMS)];
  param_put(&h->params, row, hostile_value(h, row));
}

static inline double in_range(double value, double low, double high) {
  return !(value >= low) ? low : value > high ? high : value;
}

static inline void publish(hostile *h, uint32_t ramp_frames) {
  if (h->raw) {
    chain_design(h->coefs, &h->params, &h->format);
    chain_announce(h->coefs, ++h->serial, ramp_frames);
  } else {
    engine_publish(h->engine, &h->params, ramp_frames);
  }
  h->ceiling.asking = 1;
  h->ceiling.asked = pow(10, in_range(h->params.limiter.ceiling_dbtp, -12, 0) / 20);
  h->ceiling.asked_ramp_frames = ramp_frames < CHAIN_RAMP_FRAMES ? ramp_frames : CHAIN_RAMP_FRAMES;
}

/* ---- the ceiling ---- */

static inline void ceiling_follow(ceiling_model *c) {
  if (!c->asking) return;
  uint32_t frames = c->started ? c->asked_ramp_frames : 0;
  c->step = frames ? (c->asked - c->now) / frames : 0;
  c->target = c->asked;
  c->left_frames = frames;
  c->started = 1;
  c->asking = 0;
  if (!frames) c->now = c->target;
}

/* One frame enters; returns the ceiling under which the frame that leaves was. */
static inline double ceiling_of_leaving(ceiling_model *c, uint32_t latency_frames) {
  if (c->left_frames) c->now = --c->left_frames ? c->target - c->step * c->left_frames : c->target;
  c->entered[c->frame % HOSTILE_CEILINGS] = c->now;
  uint32_t frame = c->frame++;
  return frame < latency_frames ? c->entered[0] : c->entered[(frame - latency_frames) % HOSTILE_CEILINGS];
}

/* ---- audio ---- */

static inline double hostile_sample(hostile *h, uint32_t kind, double given, uint32_t n) {
  dice *d = &h->dice;
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return dice_between(d, -1, 1);
    case 2:
      return dice_between(d, -16, 16);
    case 3:
      return (n / 7 & 1) ? 1 : -1;
    case 4:
      return 1e-310 * dice_between(d, -1, 1);
    case 5:
      return dice_below(d, 50) ? 0.1 : (double)NAN;
    case 6:
      return dice_below(d, 50) ? dice_between(d, -1, 1) : dice_below(d, 2) ? (double)INFINITY : -(double)INFINITY;
    case 7:
      return dice_between(d, -1e300, 1e300);
    case 8:
      return dice_between(d, -1e30, 1e30);
    case 9:
      return given; /* DC of any size, NaN */
    case 10:
      return n % 211 ? 0 : given;
    case 11:
      return (n & 1) ? 1 : -1;
    case 12:
      return 0.5 * sin(0.13 * n);
    default:
      return dice_between(d, -1, 1) * exp2(dice_between(d, -80, 4));
  }
}

typedef struct {
  double *left, *right;
  float *in, *out; /* two channels, planar or interleaved */
} block;

static inline void to_float(const block *b, uint32_t frames, int pairs) {
  for (uint32_t n = 0; n < frames; n++) {
    b->in[pairs ? 2 * n : n] = (float)in_range(b->left[n], -1e38, 1e38);
    b->in[pairs ? 2 * n + 1 : frames + n] = isnan(b->right[n]) ? NAN : (float)in_range(b->right[n], -1e38, 1e38);
  }
}

static inline void from_float(const block *b, const float *from, double *left, double *right, uint32_t frames, int pairs) {
  (void)b;
  for (uint32_t n = 0; n < frames; n++) {
    left[n] = (double)from[pairs ? 2 * n : n];
    right[n] = (double)from[pairs ? 2 * n + 1 : frames + n];
  }
}

static inline void expect_counts(hostile *h, const block *b, uint32_t frames) {
  const double *side[2] = {b->left, b->right};
  for (int s = 0; s < 2; s++)
    for (uint32_t n = 0; n < frames; n++) {
      h->nonfinite += !isfinite(side[s][n]) ? 1u : 0u;
      h->clamped += isfinite(side[s][n]) && fabs(side[s][n]) > 16 ? 1u : 0u;
    }
}

/* The engine's three doors, or the chain's own; in place or not. The block's doubles hold what came out. */
static inline void through(hostile *h, block *b, uint32_t door, uint64_t token, uint32_t frames) {
  int pairs = door == 1, in_place = door == 2;
  if (h->raw || door == 3) {
    if (token == h->token) expect_counts(h, b, frames);
    if (h->raw) chain_process(&h->engine->chain, h->coefs, b->left, b->right, frames);
    else engine_process_double(h->engine, token, b->left, b->right, frames);
    return;
  }
  float *out = in_place ? b->in : b->out;
  to_float(b, frames, pairs);
  from_float(b, b->in, b->left, b->right, frames, pairs);
  if (token == h->token) expect_counts(h, b, frames);
  if (pairs) engine_process_interleaved(h->engine, token, b->in, out, frames);
  else engine_process_planar(h->engine, token, b->in, b->in + frames, out, out + frames, frames);
  from_float(b, out, b->left, b->right, frames, pairs);
}

/* ---- what is always true ---- */

static inline void check_under_ceiling(hostile *h, const block *b, uint32_t frames) {
  uint32_t latency = limiter_latency_frames(&h->format);
  for (uint32_t n = 0; n < frames; n++) {
    double ceiling = ceiling_of_leaving(&h->ceiling, latency);
    CHECK(isfinite(b->left[n]) && isfinite(b->right[n]));
    CHECK(fabs(b->left[n]) <= ceiling && fabs(b->right[n]) <= ceiling);
  }
}

static inline int sound(double reading) { return reading >= 0 && isfinite(reading); }

static inline void check_point(const engine_point_meters *point) {
  for (int side = 0; side < 2; side++)
    CHECK(sound(point->sample_peak[side]) && sound(point->true_peak[side]) && sound(point->mean_square[side]));
}

static inline void check_meters(hostile *h, uint32_t frames) {
  engine_meters m;
  CHECK(engine_collect(h->engine, &m) && m.frames == h->frames && m.block_frames == frames);
  CHECK(h->has_played || (m.nonfinite_samples == h->nonfinite && m.clamped_samples == h->clamped));
  CHECK(m.refused_blocks == h->refused && m.applied_serial <= h->engine->serial);
  CHECK(sound(m.limiter_reduction_db) && sound(m.clipper_reduction_db));
  for (int band = 0; band < EQ_BANDS; band++) CHECK(fabs(m.eq_offset_db[band]) <= 24);
  for (int side = 0; side < 2; side++) {
    CHECK(sound(m.compressor_reduction_db[side]) && isfinite(m.agc_gain_db[side]));
    for (int band = 0; band < MULTIBAND_BANDS; band++) CHECK(sound(m.multiband_reduction_db[band][side]));
  }
  for (int at = 0; at < ENGINE_POINTS; at++) check_point(&m.point[at]);
}

static inline void check_journals(hostile *h, int at) {
  double bins[HOSTILE_BINS];
  levels_bin bin[HOSTILE_BINS];
  uint64_t lost = 0, due = h->frames / (uint64_t)lround(h->format.sample_rate_hz / 100);
  uint32_t count = loudness_collect(engine_loudness(h->engine, at), &h->loudness_from[at], bins, HOSTILE_BINS, &lost);
  for (uint32_t n = 0; n < count; n++) CHECK(sound(bins[n]));
  count = levels_collect_bins(engine_levels(h->engine, at), &h->levels_from[at], bin, HOSTILE_BINS, &lost);
  for (uint32_t n = 0; n < count; n++) {
    CHECK(isfinite(bin[n].product) && sound(bin[n].weighted));
    for (int side = 0; side < 2; side++)
      CHECK(sound(bin[n].power[side]) && sound(bin[n].true_peak[side]) && isfinite(bin[n].mean[side]));
  }
  CHECK(!lost && h->loudness_from[at] == due && h->levels_from[at] == due);
  CHECK(spectrum_written(engine_spectrum(h->engine, at)) == h->frames);
}

/* ---- one block ---- */

static inline void served(hostile *h, block *b, uint32_t door, uint32_t frames) {
  if (frames) ceiling_follow(&h->ceiling);
  through(h, b, door, h->token, frames);
  h->frames += frames;
  check_under_ceiling(h, b, frames);
  if (h->raw || !frames) return;
  check_meters(h, frames);
  for (int at = 0; at < ENGINE_POINTS; at++) check_journals(h, at);
}

static inline void refused(hostile *h, block *b, uint32_t door, uint32_t frames) {
  through(h, b, door, h->token + 1, frames);
  h->refused += frames != 0;
  for (uint32_t n = 0; n < frames; n++) CHECK(b->left[n] == 0 && b->right[n] == 0);
}

/* Buffers as long as the block and no longer, so that the sanitizer sees the first byte too many. */
static inline block block_new(uint32_t frames) {
  size_t bytes = frames * sizeof(double);
  block b = {malloc(bytes + !bytes), malloc(bytes + !bytes), malloc(bytes + !bytes), malloc(bytes + !bytes)};
  CHECK(b.left && b.right && b.in && b.out);
  return b;
}
static inline void block_free(block *b) { free(b->left), free(b->right), free(b->in), free(b->out); }

static inline void hostile_block(hostile *h) {
  uint32_t frames = tape_below(&h->tape, HOSTILE_BLOCK_FRAMES + 1), kinds = (uint32_t)tape_bytes(&h->tape, 1);
  uint32_t door = tape_below(&h->tape, 4), stranger = tape_below(&h->tape, 64) == 63;
  double given = kinds % 16 == 9 || kinds % 16 == 10 ? tape_double(&h->tape) : 0;
  if (h->spent_frames + frames > HOSTILE_FRAMES) return;
  h->spent_frames += frames;
  block b = block_new(frames);
  for (uint32_t n = 0; n < frames; n++) {
    b.left[n] = hostile_sample(h, kinds % 16, given, n);
    b.right[n] = kinds & 64 ? -b.left[n] : hostile_sample(h, kinds & 128 ? kinds / 16 % 4 : kinds % 16, given, n);
  }
  if (stranger && !h->raw) refused(h, &b, door, frames);
  else served(h, &b, door, frames);
  block_free(&b);
}

/* ---- around the block ---- */

static inline void play(hostile *h) {
  float pairs[2 * 256];
  uint32_t kind = tape_below(&h->tape, 16);
  for (uint32_t n = 0; n < 2 * 256; n++) pairs[n] = (float)in_range(hostile_sample(h, kind, 0, n), -3e38, 3e38);
  engine_player_write(h->engine, pairs, 256);
  h->playing = !h->playing, h->has_played = 1;
  engine_source(h->engine, h->playing ? SOURCE_PLAYER : SOURCE_DEVICE);
}

static inline void record(hostile *h) {
  float pairs[2 * 256];
  engine_tap(h->engine, TAP_OUTPUT, tape_below(&h->tape, 2) != 0);
  uint32_t count = engine_tap_read(h->engine, TAP_OUTPUT, pairs, 256);
  for (uint32_t n = 0; n < 2 * count; n++) CHECK(fabsf(pairs[n]) <= 1);
}

static inline void begin(hostile *h) {
  uint32_t format = tape_below(&h->tape, 12);
  h->format = (stream_format){HOSTILE_RATES_HZ[format / 2], (int32_t)(format % 2)};
  h->engine = engine_init(h->memory, &h->format, &h->params);
  h->token = engine_attach(h->engine);
  engine_gate(h->engine, 1, 0);
  h->frames = h->nonfinite = h->clamped = h->refused = h->serial = 0;
  h->playing = h->has_played = 0;
  memset(h->loudness_from, 0, sizeof h->loudness_from);
  memset(h->levels_from, 0, sizeof h->levels_from);
  h->ceiling = (ceiling_model){.now = 0};
  publish(h, 0);
}

static inline void recall(hostile *h) {
  double gain_db[2] = {tape_double(&h->tape), tape_double(&h->tape)};
  if (!h->frames) engine_recall_agc(h->engine, gain_db);
}

static inline void step(hostile *h) {
  switch (tape_bytes(&h->tape, 1) % 16) {
    case 0:
    case 1:
    case 2:
      set_one(h);
      break;
    case 3:
      h->params = random_params(&h->dice);
      publish(h, tape_below(&h->tape, 4096));
      break;
    case 4:
      publish(h, (uint32_t)tape_bytes(&h->tape, 4));
      break;
    case 5:
    case 6:
      publish(h, tape_below(&h->tape, 4096));
      break;
    case 7:
      engine_gate(h->engine, (int32_t)tape_below(&h->tape, 2), (uint32_t)tape_bytes(&h->tape, 2));
      break;
    case 8:
      h->token = engine_attach(h->engine);
      break;
    case 9:
      if (!h->raw) play(h);
      break;
    case 10:
      record(h);
      break;
    case 11:
      if (tape_below(&h->tape, 4) == 3) begin(h);
      break;
    case 12:
      recall(h);
      break;
    default:
      hostile_block(h);
  }
}

/* ---- the probe: two tones, the chain flat and the limiter quick ---- */

typedef struct {
  double in_in[2], out_out[2], in_out[2];
} likeness;

static inline double probe_sample(const hostile *h, int side, int64_t frame) {
  return frame < 0
             ? 0
             : (side ? 0.007 : 0.01) * sin(6.283185307179586 * (side ? 1499 : 997) * (double)frame / h->format.sample_rate_hz);
}

static inline void probe_block(hostile *h, uint32_t at, uint32_t frames, likeness *like) {
  block b = block_new(frames);
  for (uint32_t n = 0; n < frames; n++) b.left[n] = probe_sample(h, 0, at + n), b.right[n] = probe_sample(h, 1, at + n);
  served(h, &b, 3, frames);
  const double *out[2] = {b.left, b.right};
  for (int side = 0; like && side < 2; side++)
    for (uint32_t n = 0; n < frames; n++) {
      double in = probe_sample(h, side, (int64_t)at + n - (int64_t)chain_latency_frames(&h->format));
      like->in_in[side] += in * in, like->out_out[side] += out[side][n] * out[side][n], like->in_out[side] += in * out[side][n];
    }
  block_free(&b);
}

static inline void check_recovered(hostile *h) {
  h->params = standard_params();
  h->params.limiter.ceiling_dbtp = 0, h->params.limiter.hold_ms = 0;
  h->params.limiter.release_ms = 10, h->params.limiter.release_slow_ms = 100;
  if (h->playing) play(h);
  engine_gate(h->engine, 1, 0);
  publish(h, 0);
  uint32_t at = 0, settled = (uint32_t)(0.05 * h->format.sample_rate_hz) + chain_latency_frames(&h->format);
  for (; at < settled; at += 512) probe_block(h, at, 512, NULL);
  likeness like = {.in_in = {0}};
  for (uint32_t end = at + (uint32_t)(0.01 * h->format.sample_rate_hz); at < end; at += 128) probe_block(h, at, 128, &like);
  for (int side = 0; side < 2; side++)
    CHECK(like.in_out[side] > 0.9 * sqrt(like.in_in[side] * like.out_out[side]) && like.out_out[side] > 1e-18);
}

/* `memory` holds engine_size() bytes, `coefs` one chain_coefs; both may be used again. */
static inline void hostile_play(const uint8_t *bytes, size_t count, void *memory, chain_coefs *coefs) {
  hostile h = {.tape = {bytes, bytes + count}, .memory = memory, .coefs = coefs, .params = standard_params()};
  h.dice.state = tape_bytes(&h.tape, 2) << 8 | 1;
  uint32_t way = tape_below(&h.tape, 16);
  h.raw = way % 4 == 3;
  begin(&h);
  while (h.tape.at < h.tape.end) step(&h);
  if (way < 4) check_recovered(&h);
}
