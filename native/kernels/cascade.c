#include "cascade.h"

#include <string.h>

#include "quiet.h"
#include "ramp.h"
#include "svf.h"
#include "vec.h"

#define INLINED static inline __attribute__((always_inline))

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

typedef int64_t quad_bits __attribute__((vector_size(32)));

/* Sections side by side, two to a vector, each with both lanes. */
typedef struct {
  quad now[CASCADE_COEFS][VECTORS], step[CASCADE_COEFS][VECTORS], s1[VECTORS], s2[VECTORS], y[VECTORS];
  svf_quad tick[VECTORS];
} row;

static const cascade_section through = {.now = {{1, 1}, {1, 1}, {1, 1}}};

INLINED void put_pair(quad vector[], uint32_t section, const double pair[2]) {
  memcpy((char *)vector + section * sizeof(double[2]), pair, sizeof(double[2]));
}

INLINED void take_pair(double pair[2], const quad vector[], uint32_t section) {
  memcpy(pair, (const char *)vector + section * sizeof(double[2]), sizeof(double[2]));
}

INLINED void gather(row *r, uint32_t vectors, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < 2 * vectors; i++) {
    const cascade_section *s = i < count ? sections[i] : &through;
    for (int c = 0; c < CASCADE_COEFS; c++) put_pair(r->now[c], i, s->now[c]), put_pair(r->step[c], i, s->step[c]);
    put_pair(r->s1, i, s->memory[0]), put_pair(r->s2, i, s->memory[1]);
  }
  for (uint32_t v = 0; v < vectors; v++) {
    r->y[v] = (quad){0, 0, 0, 0};
    svf_prepare(&r->tick[v], &r->now[G][v], &r->now[K][v], &r->now[M0][v], &r->now[M1][v], &r->now[M2][v]);
  }
}

INLINED void scatter(const row *r, cascade_section *const *sections, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    for (int c = 0; c < CASCADE_COEFS; c++) take_pair(sections[i]->now[c], r->now[c], i);
    take_pair(sections[i]->memory[0], r->s1, i);
    take_pair(sections[i]->memory[1], r->s2, i);
  }
}

/* Which sections move: from the first on, `until` of them are in, `from` are out again. */
typedef struct {
  const int64_t *until, *from;
} moving;

/* From mask(n) on: all ones for the sections before n, zeros for the rest. */
static const int64_t ONES_AND_ZEROS[4 * CASCADE_ABREAST] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
};
_Static_assert(CASCADE_ABREAST == 12, "as many pairs of ones");

INLINED const int64_t *mask(uint32_t sections) { return ONES_AND_ZEROS + 2 * (CASCADE_ABREAST - sections); }

/* Step t of a stretch: section i is at frame t - i. */
INLINED moving who_moves(uint32_t sections, uint32_t t, uint32_t frames) {
  return (moving){mask(t < sections ? t + 1 : sections), mask(t < frames ? 0 : t + 1 - frames)};
}

/* Where a section does not move, `old` stays. */
INLINED void keep_still(quad *new, const quad *old, const moving *who, uint32_t v) {
  quad_bits until, from, a = (quad_bits)*new, b = (quad_bits)*old;
  memcpy(&until, who->until + 4 * v, sizeof until);
  memcpy(&from, who->from + 4 * v, sizeof from);
  until &= ~from;
  *new = (quad)((a & until) | (b & ~until));
}

INLINED void glide(row *r, uint32_t v, svf_quad *tick, const moving *who) {
  for (int c = 0; c < CASCADE_COEFS; c++) {
    quad now = r->now[c][v] + r->step[c][v];
    if (who) keep_still(&now, &r->now[c][v], who, v);
    r->now[c][v] = now;
  }
  svf_prepare(tick, &r->now[G][v], &r->now[K][v], &r->now[M0][v], &r->now[M1][v], &r->now[M2][v]);
}

/* All sections by one frame, each on what the one before it gave a frame ago: last first. Without `who` all of them move. */
INLINED void advance(row *r, uint32_t vectors, int gliding, double first, double second, const moving *who) {
  quad in = {0, 0, first, second};
  for (uint32_t v = vectors; v-- > 0;) {
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
  moving who = who_moves(2 * vectors, t, frames);
  advance(r, vectors, gliding, t < frames ? first[t] : 0, t < frames ? second[t] : 0, &who);
  if (t >= behind) first[t - behind] = r->y[vectors - 1][2], second[t - behind] = r->y[vectors - 1][3];
}

INLINED void run(uint32_t vectors, cascade_section *const *sections, uint32_t count, int gliding, double *first, double *second,
                 uint32_t frames) {
  uint32_t behind = 2 * vectors - 1, t = 0;
  row r;
  gather(&r, vectors, sections, count);
  for (; t < behind; t++) advance_edge(&r, vectors, gliding, first, second, t, frames);
  for (; t < frames; t++) {
    advance(&r, vectors, gliding, first[t], second[t], 0);
    first[t - behind] = r.y[vectors - 1][2], second[t - behind] = r.y[vectors - 1][3];
  }
  for (; t < frames + behind; t++) advance_edge(&r, vectors, gliding, first, second, t, frames);
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
