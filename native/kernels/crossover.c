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

/* The filters of one edge on their way: the split, and what keeps the lower bands aligned. */
typedef struct {
  pair_section split[5];
  quad_section align[2][2]; /* bands 0 and 1, or 2 and 3; pole pair */
} edge_filters;

INLINED void filters_load(edge_filters *f, const crossover *state, int edge, int steep, int aligned) {
  for (int i = 0; i < (steep ? 5 : 2); i++) f->split[i] = section_load(state->split[edge][i]);
  for (int two = 0; two < aligned; two++)
    for (int i = 0; i <= steep; i++) {
      f->align[two][i].s1 = quad_load(state->align[edge][i][two][0]);
      f->align[two][i].s2 = quad_load(state->align[edge][i][two][1]);
    }
}

INLINED void filters_store(const edge_filters *f, crossover *state, int edge, int steep, int aligned) {
  for (int i = 0; i < (steep ? 5 : 2); i++) section_store(state->split[edge][i], &f->split[i]);
  for (int two = 0; two < aligned; two++)
    for (int i = 0; i <= steep; i++) {
      quad_store(state->align[edge][i][two][0], f->align[two][i].s1);
      quad_store(state->align[edge][i][two][1], f->align[two][i].s2);
    }
}

/* Takes the band off the rest. Low-passes give twice their output, so 2 or 4 of them 4 or 16 times. */
INLINED pair split(pair_section f[5], const steps pole[POLE_PAIRS], uint32_t at, int steep, pair *rest) {
  pair_tick(&f[0], &pole[0], at, *rest);
  pair passed = *rest - pole[0].k * f[0].twice_band;
  pair_tick(&f[1], &pole[steep ? 1 : 0], at, f[0].twice_low);
  pair low = 0.25 * f[1].twice_low;
  if (steep) {
    pair_tick(&f[2], &pole[0], at, f[1].twice_low);
    pair_tick(&f[3], &pole[1], at, f[2].twice_low);
    pair_tick(&f[4], &pole[1], at, passed);
    low = 0.0625 * f[3].twice_low;
    passed = passed - pole[1].k * f[4].twice_band;
  }
  *rest = passed - low;
  return low;
}

/* Two lower bands; in the uppermost vector of an odd edge the second is this edge's own band, and stays out of it. */
INLINED void align(quad_section f[2], const steps pole[POLE_PAIRS], uint32_t at, int steep, quad_mask mask, double *two_bands) {
  quad x = (quad)((quad_mask)quad_load(two_bands) & mask);
  for (int i = 0; i <= steep; i++) {
    quad_tick(&f[i], &pole[i], at, x);
    x = x - pole[i].k * f[i].twice_band;
  }
  quad_store(two_bands, x);
}

/* `steep`, `aligned` (vectors of lower bands) and `moving` are constants in each copy of the code. */
INLINED void cut(crossover *state, const steps *restrict pole, int edge, int steep, int aligned, int moving, pair *restrict rest,
                 double *restrict bands, uint32_t stride, uint32_t frames) {
  edge_filters f;
  const quad_mask both = {-1, -1, -1, -1}, first = {-1, -1, 0, 0}, top = edge % 2 ? first : both;
  filters_load(&f, state, edge, steep, aligned);
  for (uint32_t n = 0; n < frames; n++) {
    uint32_t at = moving ? n : 0;
    double *frame = bands + n * stride;
    for (int two = 0; two < aligned; two++)
      align(f.align[two], pole, at, steep, two == aligned - 1 ? top : both, frame + 4 * two);
    pair low = split(f.split, pole, at, steep, &rest[n]);
    memcpy(frame + 2 * edge, &low, sizeof low);
  }
  filters_store(&f, state, edge, steep, aligned);
}

#define CUT(steep, aligned, moving) cut(state, pole, edge, steep, aligned, moving, rest, bands, stride, frames)
#define CUT_AS(steep, moving) \
  switch ((edge + 1) / 2) {   \
    case 0:                   \
      CUT(steep, 0, moving);  \
      break;                  \
    case 1:                   \
      CUT(steep, 1, moving);  \
      break;                  \
    default:                  \
      CUT(steep, 2, moving);  \
  }

INLINED void cut_as_it_is(crossover *state, const steps *restrict pole, int edge, int steep, int moving, pair *restrict rest,
                          double *restrict bands, uint32_t stride, uint32_t frames) {
  if (steep && moving) CUT_AS(1, 1)
  else if (steep) CUT_AS(1, 0)
  else if (moving) CUT_AS(0, 1)
  else CUT_AS(0, 0)
}

/* The last band is what is left over; a vector that it does not fill gets silence beside it. */
INLINED void put_rest(const pair *rest, int band, double *bands, uint32_t stride, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    quad with_silence = {rest[n][0], rest[n][1], 0, 0};
    memcpy(bands + n * stride + 2 * band, &with_silence, band % 2 ? sizeof(pair) : sizeof(quad));
  }
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
  put_rest(rest, place->edges, bands, stride, frames);
}

void crossover_reset(crossover *state) { *state = (crossover){0}; }

/* As integers, the numbers' bits are in the order of their magnitudes, with infinity and NaN above all. */
VECTORISED int32_t crossover_is_sane(const crossover *state) {
  const double *memory = (const double *)state;
  const int64_t most = (int64_t)bits_of_double(1e15);
  int64_t insane = 0;
  for (size_t i = 0; i < sizeof *state / sizeof *memory; i++) {
    int64_t magnitude = (int64_t)(bits_of_double(memory[i]) & INT64_MAX);
    insane |= most - magnitude;
  }
  return insane >= 0;
}

VECTORISED void crossover_drop_denormals(crossover *state) { quiet_all((double *)state, sizeof *state / sizeof(double)); }

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
