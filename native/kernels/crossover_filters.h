/* crossover_filters.h - what one edge, and one all-pass, does to a frame of two bands; within the kernel, not bound. */
#pragma once
#include "crossover.h"
#include "skew.h"

enum { FRAMES = CROSSOVER_FRAMES, EDGES = CROSSOVER_EDGES, BANDS = CROSSOVER_BANDS, POLE_PAIRS = 2, SECTIONS = 5 };
enum { APART = 2, AFTER = 1 }; /* frames from edge to edge, and from an edge to its band's all-passes */

static const double BUTTERWORTH_K[2][POLE_PAIRS] = {{1.4142135623730951, 0}, {1.8477590650225735, 0.7653668647301796}};

/* ---- the steps of svf.h ---- */

typedef struct {
  double e1, e2, g;
} steps;

typedef struct {
  quad e1, e2, g;
} quad_steps;

/* Of one pole pair: of each edge with the next beside it while they stand still, of each edge at every frame while any moves. A row
 * begins and ends with frames that never count: so far ahead or behind is what lies at the other end of it. */
enum { BESIDE = 12 };
typedef struct {
  quad_steps still[EDGES];
  struct {
    double e1[BESIDE + FRAMES + BESIDE], e2[BESIDE + FRAMES + BESIDE], g[BESIDE + FRAMES + BESIDE];
  } moving[EDGES];
} course;
_Static_assert(BESIDE > AFTER + APART * (EDGES - 1), "as far as the last band");

INLINED steps steps_of(double g, double k) {
  double damping = g * (g + k), twice = 2 / (1 + damping);
  return (steps){damping * twice, g * twice, g};
}

INLINED quad two_of(double lower, double upper) { return (quad){lower, lower, upper, upper}; }

INLINED void stand_still(course *c, const crossover_place *place, int edges, double k) {
  steps of[EDGES + 1] = {{0}}; /* beyond the last edge they are 0: a section stands still then, and gives nothing */
  for (int edge = 0; edge < edges; edge++) of[edge] = steps_of(place->g[edge], k);
  for (int edge = 0; edge < edges; edge++) {
    const steps *lower = &of[edge], *upper = &of[edge + 1];
    c->still[edge] = (quad_steps){two_of(lower->e1, upper->e1), two_of(lower->e2, upper->e2), two_of(lower->g, upper->g)};
  }
}

INLINED void move(course *c, const crossover_place *place, int edges, double k, uint32_t frames) {
  for (int edge = 0; edge < edges; edge++) {
    const double *g_at = place->g_at[edge];
    double *e1 = c->moving[edge].e1 + BESIDE, *e2 = c->moving[edge].e2 + BESIDE, *g = c->moving[edge].g + BESIDE;
    for (uint32_t n = 0; n < frames; n++) {
      steps now = steps_of(g_at ? g_at[n] : place->g[edge], k);
      e1[n] = now.e1, e2[n] = now.e2, g[n] = now.g;
    }
  }
}

/* For two bands at step t, the lower of which passes `edge` and the upper the next. */
INLINED quad_steps steps_at(const course *c, int edges, int edge, int two, uint32_t t, const skew *who, int moving) {
  quad_steps s = c->still[edge];
  if (moving) {
    uint32_t lower = BESIDE + t - 2 * APART * (uint32_t)two, upper = lower - APART;
    int next = edge + 1 < edges ? edge + 1 : edge, is_next = next != edge;
    s.e1 = two_of(c->moving[edge].e1[lower], is_next ? c->moving[next].e1[upper] : 0);
    s.e2 = two_of(c->moving[edge].e2[lower], is_next ? c->moving[next].e2[upper] : 0);
    s.g = two_of(c->moving[edge].g[lower], is_next ? c->moving[next].g[upper] : 0);
  }
  if (!who) return s;
  quad_mask inside = skew_inside(who, (uint32_t)two);
  return (quad_steps){(quad)((quad_mask)s.e1 & inside), (quad)((quad_mask)s.e2 & inside), (quad)((quad_mask)s.g & inside)};
}

/* ---- one frame ---- */

typedef struct {
  quad s1, s2, twice_band, twice_low;
} section;

/* svf.h with low = s2 + g (s1 + band): two operations less on a longer way from frame to frame, which the other edges fill. */
INLINED void tick(section *f, const quad_steps *s, quad x) {
  quad band = (f->s1 - s->e1 * f->s1) + s->e2 * (x - f->s2);
  f->twice_band = f->s1 + band;
  quad low = f->s2 + s->g * f->twice_band;
  f->twice_low = f->s2 + low;
  f->s1 = band, f->s2 = low;
}

/* Takes two bands off what is left of each. Low-passes give twice their output, so 2 or 4 of them 4 or 16 times. */
INLINED quad split(section f[SECTIONS], const quad_steps pole[POLE_PAIRS], int steep, quad *rest) {
  const double *k = BUTTERWORTH_K[steep];
  tick(&f[0], &pole[0], *rest);
  quad passed = *rest - k[0] * f[0].twice_band;
  tick(&f[1], &pole[steep ? 1 : 0], f[0].twice_low);
  quad low = 0.25 * f[1].twice_low;
  if (steep) {
    tick(&f[2], &pole[0], f[1].twice_low);
    tick(&f[3], &pole[1], f[2].twice_low);
    tick(&f[4], &pole[1], passed);
    low = 0.0625 * f[3].twice_low;
    passed = passed - k[1] * f[4].twice_band;
  }
  *rest = passed - low;
  return low;
}

INLINED quad align(section f[POLE_PAIRS], const quad_steps pole[POLE_PAIRS], int steep, quad x) {
  for (int i = 0; i <= steep; i++) {
    tick(&f[i], &pole[i], x);
    x = x - BUTTERWORTH_K[steep][i] * f[i].twice_band;
  }
  return x;
}
