#include "cascade.h"

#include <string.h>

#include "quiet.h"
#include "ramp.h"
#include "skew.h"
#include "svf.h"
#include "vec.h"

enum { G, K, M0, M1, M2 };
enum { NUMBERS = CASCADE_COEFS * CASCADE_LANES };
enum { VECTORS = CASCADE_ABREAST / 2 };

static void lane_targets(double target[CASCADE_COEFS][CASCADE_LANES], const cascade_section *section, const svf_coefs *svf,
                         int32_t lanes) {
  for (int lane = 0; lane < CASCADE_LANES; lane++) {
    int32_t works = svf && (lanes >> lane & 1);
    target[G][lane] = svf ? svf->g : section->now[G][lane];
    target[K][lane] = svf ? svf->k : section->now[K][lane];
    target[M0][lane] = works ? svf->m0 : 1;
    target[M1][lane] = works ? svf->m1 : 0;
    target[M2][lane] = works ? svf->m2 : 0;
  }
}

static int32_t is_identity(const cascade_section *s) {
  for (int lane = 0; lane < CASCADE_LANES; lane++)
    if (s->now[M0][lane] != 1 || s->now[M1][lane] != 0 || s->now[M2][lane] != 0) return 0;
  return 1;
}

static void wake(cascade_section *section, const svf_coefs *target) {
  *section = (cascade_section){.awake = 1};
  for (int lane = 0; lane < CASCADE_LANES; lane++) {
    section->now[G][lane] = target->g, section->now[K][lane] = target->k;
    section->now[M0][lane] = 1;
  }
}

uint32_t cascade_aim(cascade_section *section, const svf_coefs *svf, int32_t lanes, uint32_t frames) {
  double target[CASCADE_COEFS][CASCADE_LANES];
  if (!section->awake) {
    if (!svf) return 0;
    wake(section, svf);
  }
  lane_targets(target, section, svf, lanes);
  uint32_t left = ramp_aim((double *)section->now, (double *)section->step, (const double *)target, NUMBERS, frames);
  if (!left) section->awake = !is_identity(section);
  return left;
}

void cascade_land(cascade_section *section, const svf_coefs *svf, int32_t lanes) {
  double target[CASCADE_COEFS][CASCADE_LANES];
  if (!section->awake) return;
  lane_targets(target, section, svf, lanes);
  ramp_land((double *)section->now, (double *)section->step, (const double *)target, NUMBERS);
  section->awake = !is_identity(section);
}

int32_t cascade_is_sane(const cascade_section *section) {
  for (int i = 0; i < 2; i++)
    for (int lane = 0; lane < CASCADE_LANES; lane++)
      if (!(section->memory[i][lane] < 1e15 && section->memory[i][lane] > -1e15)) return 0;
  return 1;
}

void cascade_clear(cascade_section *section) { memset(section->memory, 0, sizeof section->memory); }
void cascade_quieten(cascade_section *section) { quiet_all(&section->memory[0][0], 4); }

/* Sections side by side, two to a vector, each with both lanes. */
typedef struct {
  quad now[CASCADE_COEFS][VECTORS], step[CASCADE_COEFS][VECTORS], s1[VECTORS], s2[VECTORS], y[VECTORS];
  svf_quad tick[VECTORS];
} row;

static const cascade_section through = {.now = {{1, 1}, {1, 1}, {1, 1}}};

INLINED void put_pair(quad vector[], uint32_t section, const double lanes[2]) {
  memcpy((char *)vector + section * sizeof(double[2]), lanes, sizeof(double[2]));
}

INLINED void take_pair(double lanes[2], const quad vector[], uint32_t section) {
  memcpy(lanes, (const char *)vector + section * sizeof(double[2]), sizeof(double[2]));
}

/* svf.h takes half of m1 and of m2. A gliding row walks in halves, which rounds nothing, and saves doing it at every frame. */
INLINED void scale_mix(row *r, uint32_t vectors, double factor) {
  for (uint32_t v = 0; v < vectors; v++)
    for (int c = M1; c <= M2; c++) r->now[c][v] *= factor, r->step[c][v] *= factor;
}

INLINED void prepare(svf_quad *tick, const row *r, uint32_t v, double mix_factor) {
  svf_solve(tick, &r->now[G][v], &r->now[K][v]);
  tick->m0 = r->now[M0][v], tick->h1 = mix_factor * r->now[M1][v], tick->h2 = mix_factor * r->now[M2][v];
}

INLINED void gather(row *r, uint32_t vectors, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < 2 * vectors; i++) {
    const cascade_section *s = i < count ? sections[i] : &through;
    for (int c = 0; c < CASCADE_COEFS; c++) put_pair(r->now[c], i, s->now[c]), put_pair(r->step[c], i, s->step[c]);
    put_pair(r->s1, i, s->memory[0]), put_pair(r->s2, i, s->memory[1]);
  }
  for (uint32_t v = 0; v < vectors; v++) {
    r->y[v] = (quad){0, 0, 0, 0};
    prepare(&r->tick[v], r, v, 0.5);
  }
}

INLINED void scatter(const row *r, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    for (int c = 0; c < CASCADE_COEFS; c++) take_pair(sections[i]->now[c], r->now[c], i);
    take_pair(sections[i]->memory[0], r->s1, i);
    take_pair(sections[i]->memory[1], r->s2, i);
  }
}

/* Where a section is not inside, `old` stays. */
INLINED void keep_still(quad *new, const quad *old, const skew *who, uint32_t v) {
  quad_mask inside = skew_inside(who, v);
  *new = (quad)(((quad_mask)*new & inside) | ((quad_mask)*old & ~inside));
}

/* A section that is not inside takes no step. */
INLINED void glide(row *r, uint32_t v, svf_quad *tick, const skew *who) {
  const quad_mask everyone = {-1, -1, -1, -1}, inside = who ? skew_inside(who, v) : everyone;
  for (int c = 0; c < CASCADE_COEFS; c++) r->now[c][v] += who ? (quad)((quad_mask)r->step[c][v] & inside) : r->step[c][v];
  prepare(tick, r, v, 1);
}

/* All sections by one frame, each on what the one before it gave a frame ago: last first. Without `who` all of them move. */
INLINED void advance(row *r, uint32_t vectors, int gliding, double first, double second, const skew *who) {
  quad in = {0, 0, first, second};
  UNROLLED for (uint32_t v = vectors; v-- > 0;) {
    quad x = __builtin_shufflevector(v ? r->y[v - 1] : in, r->y[v], 2, 3, 4, 5), s1 = r->s1[v], s2 = r->s2[v];
    svf_quad moved;
    if (gliding) glide(r, v, &moved, who);
    svf_tick(gliding ? &moved : &r->tick[v], &s1, &s2, &x, &r->y[v]);
    if (who) keep_still(&s1, &r->s1[v], who, v), keep_still(&s2, &r->s2[v], who, v);
    r->s1[v] = s1, r->s2[v] = s2;
  }
}

/* The start or the end of a stretch: a section whose frame is not in it does not move. */
INLINED void advance_edge(row *r, uint32_t vectors, int gliding, double *first, double *second, uint32_t t, uint32_t frames) {
  uint32_t behind = 2 * vectors - 1;
  skew who = skew_at(2 * vectors, t, frames);
  advance(r, vectors, gliding, t < frames ? first[t] : 0, t < frames ? second[t] : 0, &who);
  if (t >= behind) first[t - behind] = r->y[vectors - 1][2], second[t - behind] = r->y[vectors - 1][3];
}

INLINED void run(uint32_t vectors, cascade_section *const *sections, uint32_t count, int gliding, double *first, double *second,
                 uint32_t frames) {
  uint32_t behind = 2 * vectors - 1, t = 0;
  row r;
  gather(&r, vectors, sections, count);
  if (gliding) scale_mix(&r, vectors, 0.5);
  for (; t < behind; t++) advance_edge(&r, vectors, gliding, first, second, t, frames);
  for (; t < frames; t++) {
    advance(&r, vectors, gliding, first[t], second[t], 0);
    first[t - behind] = r.y[vectors - 1][2], second[t - behind] = r.y[vectors - 1][3];
  }
  for (; t < frames + behind; t++) advance_edge(&r, vectors, gliding, first, second, t, frames);
  if (gliding) scale_mix(&r, vectors, 2);
  scatter(&r, sections, count);
}

/* One copy of the loop for each width, so that its vectors can be in registers. */
#define WIDTH(vectors) \
  case vectors:        \
    return run(vectors, sections, count, gliding, first, second, frames)

INLINED void run_width(cascade_section *const *sections, uint32_t count, int gliding, double *first, double *second,
                       uint32_t frames) {
  switch ((count + 1) / 2) {
    WIDTH(1);
    WIDTH(2);
    WIDTH(3);
    WIDTH(4);
    WIDTH(5);
    WIDTH(6);
  }
}

VECTORISED static void run_settled(cascade_section *const *sections, uint32_t count, double *first, double *second,
                                   uint32_t frames) {
  run_width(sections, count, 0, first, second, frames);
}

VECTORISED static void run_gliding(cascade_section *const *sections, uint32_t count, double *first, double *second,
                                   uint32_t frames) {
  run_width(sections, count, 1, first, second, frames);
}

void cascade_process(cascade_section *const *sections, uint32_t count, int32_t gliding, double *first, double *second,
                     uint32_t frames) {
  for (uint32_t passes = (count + CASCADE_ABREAST - 1) / CASCADE_ABREAST; passes; passes--) {
    uint32_t some = (count + passes - 1) / passes;
    if (gliding) run_gliding(sections, some, first, second, frames);
    else run_settled(sections, some, first, second, frames);
    sections += some, count -= some;
  }
}
