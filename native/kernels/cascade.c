#include "cascade.h"

#include <string.h>

#include "ramp.h"
#include "svf.h"
#include "vec.h"

enum { G, K, M0, M1, M2 };
enum { NUMBERS = CASCADE_COEFS * CASCADE_LANES };
enum { BEHIND = CASCADE_ABREAST - 1 }; /* frames that the last section is behind the first */

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

/* Four sections side by side: vector 0 holds sections 0 and 1, vector 1 sections 2 and 3, each with both lanes. */
typedef struct {
  quad now[CASCADE_COEFS][2], step[CASCADE_COEFS][2], s1[2], s2[2], y[2];
  svf_quad tick[2];
} row;

static const cascade_section through = {.now = {{1, 1}, {1, 1}, {1, 1}}};

static inline __attribute__((always_inline)) void put_pair(quad vector[2], uint32_t section, const double pair[2]) {
  memcpy((char *)vector + section * sizeof(double[2]), pair, sizeof(double[2]));
}

static inline __attribute__((always_inline)) void gather(row *r, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < CASCADE_ABREAST; i++) {
    const cascade_section *s = i < count ? sections[i] : &through;
    for (int c = 0; c < CASCADE_COEFS; c++) put_pair(r->now[c], i, s->now[c]), put_pair(r->step[c], i, s->step[c]);
    put_pair(r->s1, i, s->memory[0]), put_pair(r->s2, i, s->memory[1]);
  }
  for (int v = 0; v < 2; v++) {
    r->y[v] = (quad){0, 0, 0, 0};
    svf_prepare(&r->tick[v], &r->now[G][v], &r->now[K][v], &r->now[M0][v], &r->now[M1][v], &r->now[M2][v]);
  }
}

static inline __attribute__((always_inline)) void scatter(const row *r, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    size_t at = i * sizeof(double[2]);
    for (int c = 0; c < CASCADE_COEFS; c++) memcpy(sections[i]->now[c], (const char *)r->now[c] + at, sizeof(double[2]));
    memcpy(sections[i]->memory[0], (const char *)r->s1 + at, sizeof(double[2]));
    memcpy(sections[i]->memory[1], (const char *)r->s2 + at, sizeof(double[2]));
  }
}

/* All four sections by one frame, each on what the one before it gave a frame ago. */
static inline __attribute__((always_inline)) void advance(row *r, int gliding, double first, double second) {
  quad x[2];
  quad in = {first, second, 0, 0};
  x[0] = __builtin_shufflevector(in, r->y[0], 0, 1, 4, 5);
  x[1] = __builtin_shufflevector(r->y[0], r->y[1], 2, 3, 4, 5);
  for (int v = 0; v < 2; v++) {
    if (gliding) {
      for (int c = 0; c < CASCADE_COEFS; c++) r->now[c][v] += r->step[c][v];
      svf_prepare(&r->tick[v], &r->now[G][v], &r->now[K][v], &r->now[M0][v], &r->now[M1][v], &r->now[M2][v]);
    }
    svf_tick(&r->tick[v], &r->s1[v], &r->s2[v], &x[v], &r->y[v]);
  }
}

static inline __attribute__((always_inline)) void keep(quad vector[2], const quad old[2], uint32_t section) {
  memcpy((char *)vector + section * sizeof(double[2]), (const char *)old + section * sizeof(double[2]), sizeof(double[2]));
}

/* Step t of the start or the end of a stretch: a section whose frame t-i is not in it does not move. */
static inline __attribute__((always_inline)) void advance_edge(row *r, int gliding, double *first, double *second, uint32_t t,
                                                               uint32_t frames) {
  row old = *r;
  advance(r, gliding, t < frames ? first[t] : 0, t < frames ? second[t] : 0);
  for (uint32_t i = 0; i < CASCADE_ABREAST; i++) {
    if (t >= i && t - i < frames) continue;
    for (int c = 0; c < CASCADE_COEFS; c++) keep(r->now[c], old.now[c], i);
    keep(r->s1, old.s1, i), keep(r->s2, old.s2, i);
  }
  if (t >= BEHIND) first[t - BEHIND] = r->y[1][2], second[t - BEHIND] = r->y[1][3];
}

static inline __attribute__((always_inline)) void run(cascade_section *const *sections, uint32_t count, int gliding,
                                                      double *first, double *second, uint32_t frames) {
  row r;
  gather(&r, sections, count);
  uint32_t t = 0;
  for (; t < BEHIND; t++) advance_edge(&r, gliding, first, second, t, frames);
  for (; t < frames; t++) {
    advance(&r, gliding, first[t], second[t]);
    first[t - BEHIND] = r.y[1][2], second[t - BEHIND] = r.y[1][3];
  }
  for (; t < frames + BEHIND; t++) advance_edge(&r, gliding, first, second, t, frames);
  scatter(&r, sections, count);
}

VECTORISED static void run_settled(cascade_section *const *sections, uint32_t count, double *first, double *second,
                                   uint32_t frames) {
  run(sections, count, 0, first, second, frames);
}

VECTORISED static void run_gliding(cascade_section *const *sections, uint32_t count, double *first, double *second,
                                   uint32_t frames) {
  run(sections, count, 1, first, second, frames);
}

void cascade_process(cascade_section *const *sections, uint32_t count, int32_t gliding, double *first, double *second,
                     uint32_t frames) {
  for (uint32_t i = 0; i < count; i += CASCADE_ABREAST) {
    uint32_t some = count - i < CASCADE_ABREAST ? count - i : CASCADE_ABREAST;
    if (gliding) run_gliding(sections + i, some, first, second, frames);
    else run_settled(sections + i, some, first, second, frames);
  }
}
