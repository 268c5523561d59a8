#include "crossover.h"

#include "compression.h"
#include "vec.h"

enum { FRAMES = CROSSOVER_FRAMES, POLE_PAIRS = 2 };

static const double BUTTERWORTH_K[2][POLE_PAIRS] = {{1.4142135623730951, 0}, {1.8477590650225735, 0.7653668647301796}};

/* The steps of svf.h of one pole pair; a single set, or one for every frame. */
typedef struct {
  double e1[FRAMES], e2[FRAMES], e3[FRAMES], k;
} steps;

INLINED void design_steps(steps *s, double k, const double *g_at, uint32_t count) {
  s->k = k;
  for (uint32_t n = 0; n < count; n++) {
    double g = g_at[n], damping = g * (g + k), twice = 2 / (1 + damping);
    s->e1[n] = damping * twice;
    s->e2[n] = g * twice;
    s->e3[n] = g * s->e2[n];
  }
}

/* One frame of one section; gives twice the band-pass and twice the low-pass. */
#define DEFINE_SECTION(lanes)                                                                                    \
  typedef struct {                                                                                               \
    lanes s1, s2, twice_band, twice_low;                                                                         \
  } lanes##_section;                                                                                             \
  INLINED void lanes##_tick(lanes##_section *f, const steps *s, uint32_t at, lanes x) {                          \
    lanes d = x - f->s2;                                                                                         \
    lanes band = (f->s1 - s->e1[at] * f->s1) + s->e2[at] * d, low = (f->s2 + s->e2[at] * f->s1) + s->e3[at] * d; \
    f->twice_band = f->s1 + band, f->twice_low = f->s2 + low;                                                    \
    f->s1 = band, f->s2 = low;                                                                                   \
  }
DEFINE_SECTION(pair)
DEFINE_SECTION(quad)

INLINED pair_section section_load(const double memory[2][2]) {
  return (pair_section){.s1 = {memory[0][0], memory[0][1]}, .s2 = {memory[1][0], memory[1][1]}};
}

INLINED void section_store(double memory[2][2], const pair_section *f) {
  memcpy(memory[0], &f->s1, sizeof f->s1);
  memcpy(memory[1], &f->s2, sizeof f->s2);
}

/* Takes band j off the rest. Low-passes give twice their output, so 2 or 4 of them 4 or 16 times. */
INLINED void split(double memory[5][2][2], const steps pole[POLE_PAIRS], int steep, int moving, pair *restrict rest,
                   double *restrict band, uint32_t stride, uint32_t frames) {
  pair_section f[5];
  int sections = steep ? 5 : 2;
  for (int i = 0; i < sections; i++) f[i] = section_load(memory[i]);
  for (uint32_t n = 0; n < frames; n++) {
    uint32_t at = moving ? n : 0;
    pair_tick(&f[0], &pole[0], at, rest[n]);
    pair passed = rest[n] - pole[0].k * f[0].twice_band;
    pair_tick(&f[1], &pole[steep ? 1 : 0], at, f[0].twice_low);
    pair low = 0.25 * f[1].twice_low;
    if (steep) {
      pair_tick(&f[2], &pole[0], at, f[1].twice_low);
      pair_tick(&f[3], &pole[1], at, f[2].twice_low);
      pair_tick(&f[4], &pole[1], at, passed);
      low = 0.0625 * f[3].twice_low;
      passed = passed - pole[1].k * f[4].twice_band;
    }
    memcpy(band + n * stride, &low, sizeof low);
    rest[n] = passed - low;
  }
  for (int i = 0; i < sections; i++) section_store(memory[i], &f[i]);
}

/* Two bands through the all-pass of an edge above both, or above the first alone. */
INLINED void align(double memory[2][4], const steps *pole, int only_first, int moving, double *restrict bands, uint32_t stride,
                   uint32_t frames) {
  quad k = only_first ? (quad){pole->k, pole->k, 0, 0} : quad_of(pole->k);
  quad_section f = {.s1 = quad_load(memory[0]), .s2 = quad_load(memory[1])};
  for (uint32_t n = 0; n < frames; n++) {
    quad x = quad_load(bands + n * stride);
    quad_tick(&f, pole, moving ? n : 0, x);
    quad_store(bands + n * stride, x - k * f.twice_band);
  }
  quad_store(memory[0], f.s1);
  quad_store(memory[1], f.s2);
}

INLINED void align_lower(crossover *state, const steps pole[POLE_PAIRS], int edge, int steep, int moving, double *bands,
                         uint32_t stride, uint32_t frames) {
  for (int two = 0; 2 * two < edge; two++)
    for (int i = 0; i <= steep; i++)
      align(state->align[edge][i][two], &pole[i], 2 * two + 1 == edge, moving, bands + 4 * two, stride, frames);
}

INLINED void cut(crossover *state, const steps pole[POLE_PAIRS], int edge, int steep, int moving, pair *rest, double *bands,
                 uint32_t stride, uint32_t frames) {
  split(state->split[edge], pole, steep, moving, rest, bands + 2 * edge, stride, frames);
  align_lower(state, pole, edge, steep, moving, bands, stride, frames);
}

/* All that is known before the loops is known in them. */
INLINED void cut_as_it_is(crossover *state, const steps pole[POLE_PAIRS], int edge, int steep, int moving, pair *rest,
                          double *bands, uint32_t stride, uint32_t frames) {
  if (steep && moving) cut(state, pole, edge, 1, 1, rest, bands, stride, frames);
  else if (steep) cut(state, pole, edge, 1, 0, rest, bands, stride, frames);
  else if (moving) cut(state, pole, edge, 0, 1, rest, bands, stride, frames);
  else cut(state, pole, edge, 0, 0, rest, bands, stride, frames);
}

VECTORISED void crossover_process(crossover *state, const crossover_place *place, const double *left, const double *right,
                                  double *bands, uint32_t frames) {
  int steep = place->slope == CROSSOVER_48;
  uint32_t stride = 4 * (uint32_t)(place->edges / 2 + 1);
  pair rest[FRAMES];
  steps pole[POLE_PAIRS];
  for (uint32_t n = 0; n < frames; n++) rest[n] = (pair){left[n], right[n]};
  for (int edge = 0; edge < place->edges; edge++) {
    const double *g_at = place->g_at[edge];
    for (int i = 0; i <= steep; i++)
      design_steps(&pole[i], BUTTERWORTH_K[steep][i], g_at ? g_at : &place->g[edge], g_at ? frames : 1);
    cut_as_it_is(state, pole, edge, steep, g_at != 0, rest, bands, stride, frames);
  }
  for (uint32_t n = 0; n < frames; n++) memcpy(bands + n * stride + 2 * place->edges, &rest[n], sizeof rest[n]);
}

void crossover_reset(crossover *state) { *state = (crossover){0}; }

int32_t crossover_is_sane(const crossover *state) {
  const double *memory = (const double *)state;
  int32_t sane = 1;
  for (size_t i = 0; i < sizeof *state / sizeof *memory; i++) sane &= memory[i] < 1e15 && memory[i] > -1e15;
  return sane;
}

void crossover_drop_denormals(crossover *state) {
  double *memory = (double *)state;
  for (size_t i = 0; i < sizeof *state / sizeof *memory; i++) memory[i] = quiet_or(memory[i]);
}

void crossover_put_in_order(double *frequency_hz, int32_t edges, double sample_rate_hz) {
  const double lowest = 20, highest = 0.46 * sample_rate_hz, apart = 1.25;
  for (int i = 1; i < edges; i++)
    for (int j = i; j > 0 && frequency_hz[j] < frequency_hz[j - 1]; j--) {
      double higher = frequency_hz[j - 1];
      frequency_hz[j - 1] = frequency_hz[j], frequency_hz[j] = higher;
    }
  for (int i = 0; i < edges; i++) frequency_hz[i] = larger(frequency_hz[i], i ? apart * frequency_hz[i - 1] : lowest);
  for (int i = edges - 1; i >= 0; i--)
    frequency_hz[i] = smaller(frequency_hz[i], i < edges - 1 ? frequency_hz[i + 1] / apart : highest);
}
