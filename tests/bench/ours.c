/* Our kernels one by one, and the whole engine. Kernels work on float64, so their works convert outside of what is a kernel's own job:
 * the conversion is timed too, as it is for no peer; the engine's row contains it anyway. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "work.h"

typedef struct {
  chain_coefs coefs;
  loudness_coefs loudness_coefs;
  truepeak_coefs truepeak_coefs;
  measuring_coefs measuring_coefs;
  chain chain;
  loudness loudness;
  truepeak truepeak;
  measuring measuring;
  engine *engine;
  uint64_t token;
} ours;

static double planar[2][BLOCK_MAX];

static void load(const float *const in[2], uint32_t frames) {
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < frames; n++) planar[c][n] = (double)in[c][n];
}

static void store(float *const out[2], uint32_t frames) {
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < frames; n++) out[c][n] = (float)planar[c][n];
}

#define KERNEL(name)                                                                                \
  static void run_##name(work *w, const float *const in[2], float *const out[2], uint32_t frames) { \
    ours *o = w->self;                                                                              \
    load(in, frames);                                                                               \
    name##_process(&o->chain.name, &o->coefs.name, planar[0], planar[1], frames);                   \
    store(out, frames);                                                                             \
  }
KERNEL(input)
KERNEL(eq)
KERNEL(multiband)
KERNEL(compressor)
KERNEL(clipper)
KERNEL(generator)
KERNEL(limiter)
KERNEL(output)

/* Each with settings of its own, on the same state and coefs. */
static void soft_clip(ours *o, const stream_format *format) {
  clipper_design(&o->coefs.clipper, &(clipper_params){1, 6, -1, 50}, format);
  o->coefs.clipper.change = (coefs_change){1, 0};
}

static void pink_noise(ours *o, const stream_format *format) {
  generator_design(&o->coefs.generator, &(generator_params){1, GENERATOR_PINK, 1000, -18}, format);
  o->coefs.generator.change = (coefs_change){1, 0};
}

static void loud(ours *o, const stream_format *format) {
  limiter_design(&o->coefs.limiter, &(limiter_params){LIMITER_LOUD, 6, -1, 10, 60, 800}, format);
  o->coefs.limiter.change = (coefs_change){1, 0};
}

static void shaped_16_bits(ours *o, const stream_format *format) {
  output_design(&o->coefs.output, &(output_params){0, 0, WORD_16, SHAPING_WEIGHTED}, format);
  o->coefs.output.change = (coefs_change){1, 0};
}

static void run_chain(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  load(in, frames);
  chain_process(&o->chain, &o->coefs, planar[0], planar[1], frames);
  store(out, frames);
}

static void run_meter(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  load(in, frames);
  loudness_process(&o->loudness, &o->loudness_coefs, planar[0], planar[1], frames);
  truepeak_process(&o->truepeak, &o->truepeak_coefs, planar[0], planar[1], frames);
  store(out, frames);
}

/* What a measuring point does beside loudness and true peak. */
static void run_levels(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  load(in, frames);
  levels_process(&o->measuring.levels, &o->measuring_coefs.levels, planar[0], planar[1], frames);
  spectrum_process(&o->measuring.spectrum, planar[0], planar[1], frames);
  store(out, frames);
}

static void run_measuring(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  load(in, frames);
  measuring_process(&o->measuring, &o->measuring_coefs, planar[0], planar[1], frames);
  store(out, frames);
}

static void run_engine(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  engine_process_planar(o->engine, o->token, in[0], in[1], out[0], out[1], frames);
}

static void read_params(chain_params *params, const char *file) {
  FILE *f = fopen(file, "rb");
  if (!f || fread(params, sizeof *params, 1, f) != 1) {
    fprintf(stderr, "bench: %s does not hold chain_params\n", file);
    exit(2);
  }
  fclose(f);
}

static ours *make(double rate, const chain_params *params, void (*vary)(ours *, const stream_format *)) {
  stream_format format = {rate, LATENCY_NORMAL};
  ours *o = aligned_alloc(64, (sizeof *o + 63) / 64 * 64);
  memset(o, 0, sizeof *o);
  chain_design(&o->coefs, params, &format);
  chain_announce(&o->coefs, 1, 0);
  if (vary) vary(o, &format);
  loudness_design(&o->loudness_coefs, &format);
  truepeak_design(&o->truepeak_coefs, &format);
  chain_reset(&o->chain);
  loudness_reset(&o->loudness);
  truepeak_reset(&o->truepeak);
  measuring_design(&o->measuring_coefs, &format);
  measuring_reset(&o->measuring);
  o->engine = engine_init(aligned_alloc(64, (engine_size() + 63) / 64 * 64), &format, params);
  o->token = engine_attach(o->engine);
  engine_gate(o->engine, 1, 0);
  return o;
}

int add_ours(work *list, double rate, uint32_t block, const char *params_file) {
  (void)block;
  chain_params params;
  read_params(&params, params_file);
  const work works[] = {
      {"input", "masterd input", run_input, 0},
      {"eq", "masterd eq, 10 bells", run_eq, 0},
      {"multiband", "masterd multiband, 5 bands", run_multiband, 0},
      {"compressor", "masterd compressor", run_compressor, 0},
      {"limiter", "masterd limiter, true peak", run_limiter, 0},
      {"limiter", "masterd limiter, loud", run_limiter, 0},
      {"clipper", "masterd clipper, soft, 4x", run_clipper, 0},
      {"clipper", "masterd clipper off", run_clipper, 0},
      {"generator", "masterd pink noise", run_generator, 0},
      {"output", "masterd output, 16 bits shaped", run_output, 0},
      {"meter", "masterd loudness + true peak", run_meter, 0},
      {"meter", "masterd levels + spectrum ring", run_levels, 0},
      {"meter", "masterd measuring point, whole", run_measuring, 0},
      {"chain", "masterd chain", run_chain, 0},
      {"engine", "masterd engine, metered twice", run_engine, 0},
  };
  void (*const vary[sizeof works / sizeof *works])(ours *, const stream_format *) = {
      [4] = loud, [5] = soft_clip, [7] = pink_noise, [8] = shaped_16_bits};
  int count = sizeof works / sizeof *works;
  for (int i = 0; i < count; i++) list[i] = works[i], list[i].self = make(rate, &params, vary[i]);
  return count;
}
