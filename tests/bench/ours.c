/* Our kernels one by one, the reference chain, and whole engines. Kernels work on float64, so their works convert outside of what is a
 * kernel's own job: the conversion is timed too, as it is for no peer; the chain's and the engine's rows contain it anyway. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "fpu.h"
#include "measuring.h"
#include "work.h"

/* PARAMS holds scenes, each of what stands still and then what a ramping work moves between. */
enum { SCENE_REFERENCE, SCENE_EVERYTHING, SCENE_LINE_UP, SCENES, TARGETS = 16 };
enum { RAMPS_PER_SECOND = 50 };
typedef struct {
  chain_params constant, target[TARGETS];
} scene;

typedef struct {
  chain_coefs coefs;
  const chain_coefs *target;
  chain chain;
  measuring_coefs measuring_coefs;
  measuring measuring;
  engine *engine;
  const scene *scene;
  uint64_t token, serial;
  uint32_t ramp_frames, left_frames;
} ours;

static scene scenes[SCENES];
static chain_coefs targets[SCENES][TARGETS];
static double planar[2][BLOCK_MAX];

static void load(const float *const in[2], uint32_t frames) {
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < frames; n++) planar[c][n] = (double)in[c][n];
}

static void store(float *const out[2], uint32_t frames) {
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < frames; n++) out[c][n] = (float)planar[c][n];
}

/* The next target before the ramp to the last one is over: nothing ever stands still. */
static int is_due(ours *o, uint32_t frames) {
  int due = o->left_frames < frames;
  o->left_frames = due ? o->ramp_frames - frames : o->left_frames - frames;
  o->serial += (uint64_t)due;
  return due;
}

#define KERNEL(name)                                                                                \
  static void run_##name(work *w, const float *const in[2], float *const out[2], uint32_t frames) { \
    ours *o = w->self;                                                                              \
    uint64_t fpu = fpu_enter();                                                                     \
    load(in, frames);                                                                               \
    name##_process(&o->chain.name, &o->coefs.name, planar[0], planar[1], frames);                   \
    store(out, frames);                                                                             \
    fpu_leave(fpu);                                                                                 \
  }                                                                                                 \
  static void turn_##name(work *w, uint32_t frames) {                                               \
    ours *o = w->self;                                                                              \
    if (!is_due(o, frames)) return;                                                                 \
    o->coefs.name = o->target[o->serial % TARGETS].name;                                            \
    o->coefs.name.change = (coefs_change){o->serial, o->ramp_frames};                               \
  }
KERNEL(input)
KERNEL(agc)
KERNEL(eq)
KERNEL(stereo)
KERNEL(multiband)
KERNEL(compressor)
KERNEL(clipper)
KERNEL(generator)
KERNEL(limiter)
KERNEL(output)

static void run_measuring(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  uint64_t fpu = fpu_enter();
  load(in, frames);
  measuring_process(&o->measuring, &o->measuring_coefs, planar[0], planar[1], frames);
  store(out, frames);
  fpu_leave(fpu);
}

/* The reference chain: all processors, of which those of the scene work, and every meter at the output. */
static void run_chain(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  uint64_t fpu = fpu_enter();
  load(in, frames);
  chain_process(&o->chain, &o->coefs, planar[0], planar[1], frames);
  measuring_process(&o->measuring, &o->measuring_coefs, planar[0], planar[1], frames);
  store(out, frames);
  fpu_leave(fpu);
}
static void turn_chain(work *w, uint32_t frames) {
  ours *o = w->self;
  if (!is_due(o, frames)) return;
  o->coefs = o->target[o->serial % TARGETS];
  chain_announce(&o->coefs, o->serial, o->ramp_frames);
}

static void run_engine(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  ours *o = w->self;
  engine_process_planar(o->engine, o->token, in[0], in[1], out[0], out[1], frames);
}
static void turn_engine(work *w, uint32_t frames) {
  ours *o = w->self;
  if (is_due(o, frames)) engine_publish(o->engine, &o->scene->target[o->serial % TARGETS], o->ramp_frames);
}

static void read_scenes(const char *file) {
  FILE *f = fopen(file, "rb");
  if (!f || fread(scenes, sizeof scenes, 1, f) != 1) {
    fprintf(stderr, "bench: %s does not hold %d scenes of chain_params\n", file, SCENES);
    exit(2);
  }
  fclose(f);
}

static void design_targets(double rate) {
  stream_format format = {rate, LATENCY_NORMAL};
  for (int from = 0; from < SCENES; from++)
    for (int i = 0; i < TARGETS; i++) chain_design(&targets[from][i], &scenes[from].target[i], &format);
}

static void *zeroed(size_t bytes) {
  bytes = (bytes + 63) / 64 * 64;
  return memset(aligned_alloc(64, bytes), 0, bytes);
}

static ours *make(double rate, int scene_at, int with_engine) {
  stream_format format = {rate, LATENCY_NORMAL};
  ours *o = zeroed(sizeof *o);
  const scene *from = o->scene = &scenes[scene_at];
  o->target = targets[scene_at];
  o->serial = 1;
  o->ramp_frames = (uint32_t)(rate / RAMPS_PER_SECOND);
  chain_design(&o->coefs, &from->constant, &format);
  chain_announce(&o->coefs, 1, 0);
  chain_reset(&o->chain);
  measuring_design(&o->measuring_coefs, &format);
  measuring_reset(&o->measuring);
  if (!with_engine) return o;
  o->engine = engine_init(zeroed(engine_size()), &format, &from->constant);
  o->token = engine_attach(o->engine);
  engine_gate(o->engine, 1, 0);
  return o;
}

typedef struct {
  const char *group, *name;
  int scene;
  void (*run)(work *, const float *const in[2], float *const out[2], uint32_t frames);
  void (*turn)(work *, uint32_t frames);
} thing;

static const thing things[] = {
    {"input", "masterd input", SCENE_EVERYTHING, run_input, turn_input},
    {"agc", "masterd agc", SCENE_EVERYTHING, run_agc, turn_agc},
    {"eq", "masterd eq, 10 bells", SCENE_REFERENCE, run_eq, turn_eq},
    {"eq", "masterd eq, 10 bells and 4 dynamic", SCENE_EVERYTHING, run_eq, turn_eq},
    {"stereo", "masterd stereo", SCENE_EVERYTHING, run_stereo, turn_stereo},
    {"multiband", "masterd multiband, 5 bands", SCENE_REFERENCE, run_multiband, turn_multiband},
    {"compressor", "masterd compressor", SCENE_REFERENCE, run_compressor, turn_compressor},
    {"clipper", "masterd clipper", SCENE_EVERYTHING, run_clipper, turn_clipper},
    {"generator", "masterd generator", SCENE_LINE_UP, run_generator, turn_generator},
    {"limiter", "masterd limiter, true peak", SCENE_REFERENCE, run_limiter, turn_limiter},
    {"limiter", "masterd limiter, loud", SCENE_EVERYTHING, run_limiter, turn_limiter},
    {"output", "masterd output, 16 bits shaped", SCENE_EVERYTHING, run_output, turn_output},
    {"measuring", "masterd measuring point", SCENE_REFERENCE, run_measuring, 0},
    {"chain", "masterd reference chain", SCENE_REFERENCE, run_chain, turn_chain},
    {"engine", "masterd engine, reference", SCENE_REFERENCE, run_engine, turn_engine},
    {"engine", "masterd engine, everything on", SCENE_EVERYTHING, run_engine, turn_engine},
};

int add_ours(work *list, double rate, uint32_t block, const char *params_file) {
  (void)block;
  read_scenes(params_file);
  design_targets(rate);
  static const struct {
    const char *name;
    float gain;
    int turns;
  } variants[] = {{"constant", 1, 0}, {"ramping", 1, 1}, {"silence", 0, 0}, {"hot", 4, 0}};
  int count = 0;
  for (size_t i = 0; i < sizeof things / sizeof *things; i++)
    for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
      const thing *t = &things[i];
      if (variants[v].turns && !t->turn) continue;
      ours *self = make(rate, t->scene, t->run == run_engine);
      list[count++] =
          (work){t->group, t->name, variants[v].name, t->run, variants[v].turns ? t->turn : 0, self, variants[v].gain};
    }
  return count;
}
