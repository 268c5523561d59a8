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
  chain chain;
  loudness loudness;
  truepeak truepeak;
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
KERNEL(limiter)

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

static ours *make(double rate, const chain_params *params) {
  stream_format format = {rate, LATENCY_NORMAL};
  ours *o = aligned_alloc(64, (sizeof *o + 63) / 64 * 64);
  memset(o, 0, sizeof *o);
  chain_design(&o->coefs, params, &format);
  chain_announce(&o->coefs, 1, 0);
  loudness_design(&o->loudness_coefs, &format);
  truepeak_design(&o->truepeak_coefs, &format);
  chain_reset(&o->chain);
  loudness_reset(&o->loudness);
  truepeak_reset(&o->truepeak);
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
      {"meter", "masterd loudness + true peak", run_meter, 0},
      {"chain", "masterd chain", run_chain, 0},
      {"engine", "masterd engine, metered twice", run_engine, 0},
  };
  int count = sizeof works / sizeof *works;
  for (int i = 0; i < count; i++) list[i] = works[i], list[i].self = make(rate, &params);
  return count;
}
