/* The engine's promises that need a look inside, or memory that ends exactly where the buffers do. */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "bench_engine.h"

enum { FRAMES = 5000 };

static const stream_format FORMAT = {48000, LATENCY_NORMAL};

static float *random_pairs(dice *d, uint32_t frames) {
  float *pairs = malloc(2 * sizeof(float) * frames + 1);
  for (uint32_t n = 0; n < 2 * frames; n++) pairs[n] = (float)dice_between(d, -0.25, 0.25);
  return pairs;
}

static engine *open_engine(uint64_t *token) {
  chain_params params = flat_params();
  engine *e = engine_new(&FORMAT, &params);
  *token = engine_attach(e);
  engine_gate(e, 1, 0);
  return e;
}

/* What the whole block gives in one piece. */
static float *reference(const float *pairs, uint32_t frames) {
  uint64_t token;
  engine *e = open_engine(&token);
  float *out = malloc(2 * sizeof(float) * frames);
  engine_process_interleaved(e, token, pairs, out, frames);
  free(e);
  return out;
}

static void in_place_and_cut_gives_the_same_bits(void) {
  dice d = dice_new();
  float *pairs = random_pairs(&d, FRAMES), *whole = reference(pairs, FRAMES);
  uint64_t token;
  engine *e = open_engine(&token);
  for (uint32_t at = 0; at < FRAMES;) {
    uint32_t frames = dice_below(&d, 700);
    if (frames > FRAMES - at) frames = FRAMES - at;
    engine_process_interleaved(e, token, pairs + 2 * at, pairs + 2 * at, frames);
    at += frames;
  }
  CHECK(!memcmp(pairs, whole, 2 * sizeof(float) * FRAMES));
  free(e), free(pairs), free(whole);
}

static void buffers_of_every_length_are_not_overrun(void) {
  dice d = dice_new();
  uint64_t token;
  engine *e = open_engine(&token);
  for (uint32_t frames = 0; frames < 600; frames += frames < 20 ? 1 : 59) {
    float *in = random_pairs(&d, frames), *out = malloc(2 * sizeof(float) * frames + 1);
    double *left = calloc(frames + 1, sizeof *left), *right = calloc(frames + 1, sizeof *right);
    engine_process_interleaved(e, token, in, out, frames);
    engine_process_planar(e, token, in, in + frames, out + frames, out, frames);
    engine_process_double(e, token, left, right, frames);
    engine_process_planar(e, token + 1, in, in + frames, out + frames, out, frames);
    free(in), free(out), free(left), free(right);
  }
  free(e);
}

static void only_the_newest_token_is_served(void) {
  uint64_t first, second;
  engine *e = open_engine(&first);
  float block[2 * 8] = {0.5f};
  double left[8] = {0.5}, right[8] = {0};
  engine_meters meters;
  second = engine_attach(e);
  CHECK(first && second && first != second);
  engine_process_interleaved(e, first, block, block, 8);
  engine_process_double(e, 0, left, right, 8);
  CHECK(block[0] == 0 && left[0] == 0 && engine_blocks(e) == 0 && engine_audio_thread(e) == 0);
  engine_process_interleaved(e, second, block, block, 8);
  CHECK(engine_collect(e, &meters) && meters.refused_blocks == 2 && meters.blocks == 1);
  CHECK(engine_audio_thread(e) == (uint64_t)pthread_self());
  free(e);
}

static void a_running_block_keeps_everyone_else_out(void) {
  uint64_t token;
  engine *e = open_engine(&token);
  float block[2 * 8] = {0.5f};
  e->busy = 1; /* as if another thread were inside */
  engine_process_interleaved(e, token, block, block, 8);
  CHECK(block[0] == 0 && e->refused_blocks == 1 && e->busy == 1);
  CHECK(engine_attach(e) == 0);
  e->busy = 0;
  CHECK(engine_attach(e) != 0);
  free(e);
}

static void the_host_rounds_as_before(void) {
  uint64_t token;
  engine *e = open_engine(&token);
  dice d = dice_new();
  float *pairs = random_pairs(&d, FRAMES), *whole = reference(pairs, FRAMES);
  CHECK(!fesetround(FE_UPWARD));
  engine_process_interleaved(e, token, pairs, pairs, FRAMES);
  CHECK(fegetround() == FE_UPWARD);
  CHECK(!fesetround(FE_TONEAREST));
  CHECK(!memcmp(pairs, whole, 2 * sizeof(float) * FRAMES));
  free(e), free(pairs), free(whole);
}

static void what_comes_in_is_finite_and_bounded(void) {
  uint64_t token;
  engine *e = open_engine(&token);
  double left[6] = {(double)NAN, (double)INFINITY, -(double)INFINITY, DBL_MAX, -17, 0.25},
         right[6] = {16, -16, 16.001, 1, 0, -0.5};
  engine_meters meters;
  engine_process_double(e, token, left, right, 6);
  CHECK(engine_collect(e, &meters) && meters.nonfinite_samples == 3 && meters.clamped_samples == 3);
  CHECK(meters.point[POINT_INPUT].sample_peak[0] == 16 && meters.point[POINT_INPUT].sample_peak[1] == 16);
  free(e);
}

/* As a stage would leave them: the switched-off stages of flat parameters leave nothing themselves. */
static void leave_reductions(engine *e, double db) {
  e->chain.multiband.reduction_db[5][1] = db;
  e->chain.compressor.reduction_db[0] = db + 1;
  e->chain.clipper.reduction_db = db + 2;
  e->chain.limiter.reduction_db = db + 3;
}

static void the_largest_reduction_of_every_stage_is_told_once(void) {
  uint64_t token;
  engine *e = open_engine(&token);
  float block[2 * 8] = {0};
  engine_meters meters;
  leave_reductions(e, 6);
  engine_process_interleaved(e, token, block, block, 8);
  leave_reductions(e, 2);
  engine_process_interleaved(e, token, block, block, 8);
  CHECK(engine_collect(e, &meters) && meters.multiband_reduction_db[5][1] == 6 && meters.multiband_reduction_db[5][0] == 0);
  CHECK(meters.compressor_reduction_db[0] == 7 && meters.clipper_reduction_db == 8 && meters.limiter_reduction_db == 9);
  engine_process_interleaved(e, token, block, block, 8);
  CHECK(engine_collect(e, &meters) && meters.multiband_reduction_db[5][1] == 0 && meters.clipper_reduction_db == 0);
  free(e);
}

static void the_leveller_begins_where_it_is_told(void) {
  chain_params params = flat_params();
  params.agc = (agc_params){.on = 1,
                            .target_lufs = -20,
                            .range_db = 24,
                            .gate_lufs = -40,
                            .attack_db_per_s = 1,
                            .release_db_per_s = 1,
                            .window_speed_percent = 10,
                            .crossover_hz = 200};
  engine *e = engine_new(&FORMAT, &params);
  uint64_t token = engine_attach(e);
  float block[2 * 8] = {0};
  engine_meters meters;
  engine_recall_agc(e, (const double[2]){3, -4});
  engine_process_interleaved(e, token, block, block, 8);
  CHECK(engine_collect(e, &meters) && fabs(meters.agc_gain_db[0] - 3) < 0.01 && fabs(meters.agc_gain_db[1] + 4) < 0.01);
  free(e);
}

int main(void) {
  in_place_and_cut_gives_the_same_bits();
  buffers_of_every_length_are_not_overrun();
  only_the_newest_token_is_served();
  a_running_block_keeps_everyone_else_out();
  the_host_rounds_as_before();
  what_comes_in_is_finite_and_bounded();
  the_largest_reduction_of_every_stage_is_told_once();
  the_leveller_begins_where_it_is_told();
}
