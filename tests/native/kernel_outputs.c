/* kernel_outputs.c - what every kernel gives for the same signal, for a comparison between processors.
 *
 *   kernel_outputs design COEFS           designs the coefs of all sets
 *   kernel_outputs process COEFS OUT      processes with them: for each set and kernel FRAMES doubles left, FRAMES right
 *
 * Both print names and numbers for the reader of OUT. The signal is made of integers and exact divisions, so it is the same everywhere;
 * halfway through each set the coefs of the next one arrive, as a ramp. */
#include <string.h>

#include "any_params.h"
#include "loudness.h"
#include "resampler.h"
#include "truepeak.h"

enum { SETS = 6, FRAMES = 4800, BLOCK_FRAMES = 96, RAMP_FRAMES = 1500 };

static const stream_format FORMATS[SETS] = {{44100, 0}, {48000, 0}, {48000, 1}, {96000, 0}, {96000, 1}, {192000, 0}};

typedef struct {
  chain_coefs from, to;
  loudness_coefs loudness;
  truepeak_coefs truepeak;
  resampler_coefs resampler;
} designed;

typedef struct {
  chain chain;
  loudness loudness;
  truepeak truepeak;
  resampler resampler;
} states;

/* ---- design ---- */

static chain_params everything_on(dice *d) {
  chain_params params = random_params(d);
  params.bypass.on = params.generator.on = params.output.mute = 0;
  params.input.repair = params.input.phase_rotator = params.agc.on = params.eq.on = params.stereo.on = 1;
  params.multiband.on = params.compressor.on = params.clipper.on = 1;
  return params;
}

static void design(designed *set, const stream_format *format, dice *d) {
  chain_params from = everything_on(d), to = everything_on(d);
  to.generator.on = 1;
  memset(set, 0, sizeof *set);
  chain_design(&set->from, &from, format);
  chain_design(&set->to, &to, format);
  chain_announce(&set->from, 1, 0);
  chain_announce(&set->to, 2, RAMP_FRAMES);
  loudness_design(&set->loudness, format);
  truepeak_design(&set->truepeak, format);
  resampler_design(&set->resampler);
}

/* ---- process ---- */

typedef void work(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right, uint32_t frames);

#define KERNEL(name)                                                                                            \
  static void run_##name(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right, \
                         uint32_t frames) {                                                                     \
    (void)set;                                                                                                  \
    name##_process(&s->chain.name, &coefs->name, left, right, frames);                                          \
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

static void run_chain(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)set;
  chain_process(&s->chain, coefs, left, right, frames);
}

static void fill(double *left, double *right, const double reading[2], uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) left[n] = reading[0], right[n] = reading[1];
}

static void run_loudness(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)coefs;
  loudness_process(&s->loudness, &set->loudness, left, right, frames);
  fill(left, right, s->loudness.energy, frames);
}

static void run_truepeak(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)coefs;
  truepeak_process(&s->truepeak, &set->truepeak, left, right, frames);
  fill(left, right, s->truepeak.peak, frames);
}

/* Read 0.3 % too slowly, so that a block never takes more than it has. */
static void run_resampler(states *s, const designed *set, const chain_coefs *coefs, double *left, double *right,
                          uint32_t frames) {
  (void)coefs;
  const uint64_t stride = resampler_stride(-0.003);
  const uint32_t takes = resampler_takes(&s->resampler, stride, frames);
  memcpy(resampler_entry(&s->resampler, 0), left, takes * sizeof *left);
  memcpy(resampler_entry(&s->resampler, 1), right, takes * sizeof *right);
  resampler_process(&s->resampler, &set->resampler, stride, left, right, frames);
}

static const struct {
  const char *name;
  work *run;
} WORKS[] = {{"input", run_input},
             {"agc", run_agc},
             {"eq", run_eq},
             {"stereo", run_stereo},
             {"multiband", run_multiband},
             {"compressor", run_compressor},
             {"clipper", run_clipper},
             {"generator", run_generator},
             {"limiter", run_limiter},
             {"output", run_output},
             {"chain", run_chain},
             {"loudness", run_loudness},
             {"truepeak", run_truepeak},
             {"resampler", run_resampler}};
enum { WORKS_COUNT = sizeof WORKS / sizeof *WORKS };

static void signal_into(double *left, double *right) {
  dice d = {20261123};
  for (int n = 0; n < FRAMES; n++) {
    double square = n / 50 & 1 ? 0.4 : -0.4, loud = n / 1200 & 1 ? 1 : 0.05;
    left[n] = loud * (square + dice_between(&d, -0.3, 0.3));
    right[n] = loud * (square + dice_between(&d, -0.3, 0.3));
  }
}

static void process(const designed *set, work *run, states *s, FILE *out) {
  static double left[FRAMES], right[FRAMES];
  signal_into(left, right);
  chain_reset(&s->chain);
  loudness_reset(&s->loudness);
  truepeak_reset(&s->truepeak);
  resampler_reset(&s->resampler);
  for (int at = 0; at < FRAMES; at += BLOCK_FRAMES)
    run(s, set, at < FRAMES / 2 ? &set->from : &set->to, left + at, right + at, BLOCK_FRAMES);
  CHECK(fwrite(left, sizeof left, 1, out) == 1 && fwrite(right, sizeof right, 1, out) == 1);
}

static FILE *open_file(const char *name, const char *mode) {
  FILE *file = fopen(name, mode);
  CHECK(file);
  return file;
}

int main(int count, char **words) {
  static designed sets[SETS];
  static states s;
  CHECK(count >= 3);
  int designs = !strcmp(words[1], "design");
  FILE *coefs = open_file(words[2], designs ? "wb" : "rb");
  dice d = {20261123};
  for (int n = 0; designs && n < SETS; n++) design(&sets[n], &FORMATS[n], &d);
  CHECK((designs ? fwrite(sets, sizeof sets, 1, coefs) : fread(sets, sizeof sets, 1, coefs)) == 1);
  fclose(coefs);
  printf("%zu %d %d", sizeof sets, SETS, FRAMES);
  for (int n = 0; n < WORKS_COUNT; n++) printf(" %s", WORKS[n].name);
  if (designs) return 0;
  CHECK(count == 4);
  FILE *out = open_file(words[3], "wb");
  for (int n = 0; n < SETS; n++)
    for (int k = 0; k < WORKS_COUNT; k++) process(&sets[n], WORKS[k].run, &s, out);
  fclose(out);
}
