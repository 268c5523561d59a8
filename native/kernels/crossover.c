#include "crossover.h"

#include "compression.h"
#include "crossover_filters.h"
#include "vec.h"

/* In names: `two` is a pair of bands, 0 and 1, 2 and 3, or 4 and 5; `lower` and `upper` are its bands. */
#define EACH_SPLIT(two) UNROLLED for (int two = 0; 2 * two < edges; two++)
#define EACH_ALIGN(further, two) \
  UNROLLED for (int further = 0; further < edges - 1; further++) UNROLLED for (int two = 0; 2 * two + 1 + further < edges; two++)

/* ---- all edges ---- */

typedef struct {
  section split[3][SECTIONS], align[EDGES - 1][2][POLE_PAIRS];
  quad low[3], rest[3], rest_before[3]; /* what each edge took and left over in the step before, and left over two steps ago */
} row;

/* What is fixed for a stretch; `edges`, `steep` and `moving` are constants in each copy of the code. */
typedef struct {
  const course *course;
  double *bands;
  uint32_t stride, frames;
  int edges, steep, moving;
} stretch;

INLINED section section_load(const double memory[2][4]) {
  return (section){.s1 = quad_load(memory[0]), .s2 = quad_load(memory[1])};
}

INLINED void section_store(double memory[2][4], const section *f) { quad_store(memory[0], f->s1), quad_store(memory[1], f->s2); }

INLINED void row_load(row *r, const crossover *state, int edges, int steep) {
  UNROLLED for (int two = 0; two < 3; two++) r->low[two] = r->rest[two] = r->rest_before[two] = quad_of(0);
  EACH_SPLIT(two)
  for (int i = 0; i < (steep ? SECTIONS : 2); i++) r->split[two][i] = section_load(state->split[two][i]);
  EACH_ALIGN(further, two)
  for (int i = 0; i <= steep; i++) r->align[further][two][i] = section_load(state->align[further][two][i]);
}

INLINED void row_store(const row *r, crossover *state, int edges, int steep) {
  EACH_SPLIT(two)
  for (int i = 0; i < (steep ? SECTIONS : 2); i++) section_store(state->split[two][i], &r->split[two][i]);
  EACH_ALIGN(further, two)
  for (int i = 0; i <= steep; i++) section_store(state->align[further][two][i], &r->align[further][two][i]);
}

INLINED pair lower_of(quad two) { return (pair){two[0], two[1]}; }
INLINED pair upper_of(quad two) { return (pair){two[2], two[3]}; }

/* The last band is what is left over; a vector that it does not fill gets silence beside it. */
INLINED void put_rest(const stretch *s, quad rest, uint32_t n) {
  pair last = s->edges % 2 ? lower_of(rest) : upper_of(rest);
  quad with_silence = {last[0], last[1], 0, 0};
  memcpy(s->bands + n * s->stride + 2 * s->edges, &with_silence, s->edges % 2 ? sizeof(pair) : sizeof(quad));
}

/* At the start and the end of a stretch a band's frame may be outside. */
INLINED void put_bands(const stretch *s, const quad low[3], quad rest, uint32_t t, int is_edge) {
  UNROLLED for (int band = 0; band < s->edges; band++) {
    uint32_t n = t - AFTER - APART * (uint32_t)band;
    if (is_edge && n >= s->frames) continue;
    pair own = band % 2 ? upper_of(low[band / 2]) : lower_of(low[band / 2]);
    memcpy(s->bands + n * s->stride + 2 * band, &own, sizeof own);
    if (band == s->edges - 1) put_rest(s, rest, n);
  }
}

INLINED void split_all(row *r, const stretch *s, pair in, uint32_t t, const skew *who) {
  quad_steps pole[POLE_PAIRS];
  UNROLLED for (int two = (s->edges - 1) / 2; two >= 0; two--) {
    quad before = two ? r->rest_before[two - 1] : (quad){0, 0, in[0], in[1]};
    quad left_over = __builtin_shufflevector(before, r->rest_before[two], 2, 3, 4, 5);
    for (int i = 0; i <= s->steep; i++) pole[i] = steps_at(&s->course[i], s->edges, 2 * two, two, t, who, s->moving);
    r->low[two] = split(r->split[two], pole, s->steep, &left_over);
    r->rest_before[two] = r->rest[two];
    r->rest[two] = left_over;
  }
}

INLINED void align_all(row *r, const stretch *s, quad low[3], uint32_t t, const skew *who) {
  const int edges = s->edges;
  quad_steps pole[POLE_PAIRS];
  EACH_ALIGN(further, two) {
    for (int i = 0; i <= s->steep; i++) pole[i] = steps_at(&s->course[i], edges, 2 * two + 1 + further, two, t, who, s->moving);
    low[two] = align(r->align[further][two], pole, s->steep, low[two]);
  }
}

INLINED void advance(row *r, const stretch *s, pair in, uint32_t t, int is_edge) {
  const skew taking = skew_at(BANDS, APART, t, s->frames), aligning = skew_at(BANDS, APART, t - AFTER, s->frames);
  quad low[3] = {r->low[0], r->low[1], r->low[2]}, rest = r->rest[(s->edges - 1) / 2];
  split_all(r, s, in, t, is_edge ? &taking : 0);
  align_all(r, s, low, t - AFTER, is_edge ? &aligning : 0);
  put_bands(s, low, rest, t, is_edge);
}

INLINED void run(crossover *state, const crossover_place *place, const double *left, const double *right, double *bands,
                 uint32_t frames, int edges, int steep, int moving) {
  course c[POLE_PAIRS];
  const uint32_t stride = 4 * (uint32_t)(edges / 2 + 1), behind = AFTER + APART * ((uint32_t)edges - 1);
  const stretch s = {c, bands, stride, frames, edges, steep, moving};
  row r;
  for (int i = 0; i <= steep; i++) {
    if (moving) move(&c[i], place, edges, BUTTERWORTH_K[steep][i], frames);
    else stand_still(&c[i], place, edges, BUTTERWORTH_K[steep][i]);
  }
  row_load(&r, state, edges, steep);
  for (uint32_t t = 0; t < frames + behind;) {
    if (t >= behind)
      for (; t < frames; t++) advance(&r, &s, (pair){left[t], right[t]}, t, 0);
    for (uint32_t until = t < behind ? behind : frames + behind; t < until; t++)
      advance(&r, &s, t < frames ? (pair){left[t], right[t]} : pair_of(0), t, 1);
  }
  row_store(&r, state, edges, steep);
}

/* One copy of the loop for each number of edges, so that their numbers can be in registers. */
#define EDGES_ARE(edges) \
  case edges:            \
    return run(state, place, left, right, bands, frames, edges, steep, moving)

INLINED void run_as_it_is(crossover *state, const crossover_place *place, const double *left, const double *right, double *bands,
                          uint32_t frames, int steep, int moving) {
  switch (place->edges) {
    EDGES_ARE(1);
    EDGES_ARE(2);
    EDGES_ARE(3);
    EDGES_ARE(4);
    EDGES_ARE(5);
  }
}

#define RUN(name, steep, moving)                                                                                       \
  VECTORISED static void name(crossover *state, const crossover_place *place, const double *left, const double *right, \
                              double *bands, uint32_t frames) {                                                        \
    run_as_it_is(state, place, left, right, bands, frames, steep, moving);                                             \
  }
RUN(run_24, 0, 0)
RUN(run_24_moving, 0, 1)
RUN(run_48, 1, 0)
RUN(run_48_moving, 1, 1)

static int is_moving(const crossover_place *place) {
  int moves = 0;
  for (int edge = 0; edge < place->edges; edge++) moves |= place->g_at[edge] != 0;
  return moves;
}

void crossover_process(crossover *state, const crossover_place *place, const double *left, const double *right, double *bands,
                       uint32_t frames) {
  const int steep = place->slope == CROSSOVER_48;
  if (is_moving(place)) (steep ? run_48_moving : run_24_moving)(state, place, left, right, bands, frames);
  else (steep ? run_48 : run_24)(state, place, left, right, bands, frames);
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
