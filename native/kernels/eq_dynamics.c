#include "eq_dynamics.h"

#include "ballistics.h"
#include "decibel.h"
#include "knee.h"
#include "svf.h"
#include "vec.h"

enum { ABREAST = 4, LONGEST = 256 }; /* bands of a group; frames of a tick */
#define LOUDEST 1e12         /* +240 dBFS: beyond it, and NaN, is no sound */
#define QUIET_STATE 1e-30
#define QUIET_AMOUNT_DB 1e-6 /* a release that has come this far is over */

typedef int64_t quad_mask __attribute__((vector_size(32)));

INLINED void quad_load(quad *to, const double from[][2]) { memcpy(to, from, sizeof *to); }
INLINED void quad_store(double to[][2], const quad *from) { memcpy(to, from, sizeof *from); }

INLINED void quad_raise(quad *most, const quad *value) {
  quad_mask higher = *value > *most;
  *most = (quad)(((quad_mask)*value & higher) | ((quad_mask)*most & ~higher));
}

/* Two bands, two lanes each. */
typedef struct {
  quad from_left, from_right, turn, quadrature, mean_step;
  svf_quad filter;
} ear;

typedef struct {
  quad s1, s2, turned, power, peak;
} heard;

INLINED void ear_open(ear *e, const eq_detector_coefs *c, int band) {
  quad_load(&e->from_left, &c->from_left[band]), quad_load(&e->from_right, &c->from_right[band]);
  quad_load(&e->turn, &c->turn[band]), quad_load(&e->quadrature, &c->quadrature[band]);
  quad_load(&e->mean_step, &c->mean_step[band]);
  quad *filter[EQ_DETECTOR_NUMBERS] = {&e->filter.e1, &e->filter.e2, &e->filter.e3, &e->filter.m0, &e->filter.h1, &e->filter.h2};
  for (int i = 0; i < EQ_DETECTOR_NUMBERS; i++) quad_load(filter[i], &c->filter[i][band]);
}

INLINED void heard_load(heard *h, const eq_dynamics *d, int band) {
  quad_load(&h->s1, &d->s1[band]), quad_load(&h->s2, &d->s2[band]), quad_load(&h->turned, &d->turned[band]);
  quad_load(&h->power, &d->power[band]), quad_load(&h->peak, &d->peak[band]);
}

INLINED void heard_store(const heard *h, eq_dynamics *d, int band) {
  quad_store(&d->s1[band], &h->s1), quad_store(&d->s2[band], &h->s2), quad_store(&d->turned[band], &h->turned);
  quad_store(&d->power[band], &h->power), quad_store(&d->peak[band], &h->peak);
}

INLINED void hear(heard *h, const ear *e, double left, double right) {
  quad x = e->from_left * left + e->from_right * right, y;
  svf_tick(&e->filter, &h->s1, &h->s2, &x, &y);
  quad half = (y - h->turned) * e->turn, low = half + h->turned;
  h->turned = low + half;
  quad quadrature = e->quadrature * (low + low - y);
  quad power = y * y + quadrature * quadrature;
  h->power += e->mean_step * (power - h->power);
  quad_raise(&h->peak, &h->power);
}

VECTORISED static void listen(eq_dynamics *state, const eq_detector_coefs *coefs, int band, const double *left,
                              const double *right, uint32_t frames) {
  ear ears[2];
  heard h[2];
  for (int v = 0; v < 2; v++) ear_open(&ears[v], coefs, band + 2 * v), heard_load(&h[v], state, band + 2 * v);
  for (uint32_t n = 0; n < frames; n++)
    for (int v = 0; v < 2; v++) hear(&h[v], &ears[v], left[n], right[n]);
  for (int v = 0; v < 2; v++) heard_store(&h[v], state, band + 2 * v);
}

static void take_sound(double *restrict to, const double *restrict from, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) to[n] = from[n] < LOUDEST && from[n] > -LOUDEST ? from[n] : 0;
}

void eq_dynamics_listen(eq_dynamics *state, const eq_dynamics_coefs *coefs, const double *left, const double *right,
                        uint32_t frames) {
  double sane[2][LONGEST];
  take_sound(sane[0], left, frames);
  take_sound(sane[1], right, frames);
  for (int band = 0; band < EQ_BANDS; band += ABREAST) {
    const int32_t *works = coefs->works + band;
    if (works[0] | works[1] | works[2] | works[3]) listen(state, &coefs->detector, band, sane[0], sane[1], frames);
  }
}

/* A decaying state would become denormal. */
static inline double awake_or_zero(double x) { return x < QUIET_STATE && x > -QUIET_STATE ? 0 : x; }

static void drop_denormals(eq_dynamics *d) {
  for (int i = 0; i < 2 * EQ_BANDS; i++) {
    double *s1 = &d->s1[i / 2][i % 2], *s2 = &d->s2[i / 2][i % 2], *turned = &d->turned[i / 2][i % 2];
    *s1 = awake_or_zero(*s1), *s2 = awake_or_zero(*s2), *turned = awake_or_zero(*turned);
    d->power[i / 2][i % 2] = awake_or_zero(d->power[i / 2][i % 2]);
  }
}

static void want(double wanted_db[EQ_BANDS], eq_dynamics *d, const eq_dynamics_coefs *coefs) {
  for (int i = 0; i < EQ_BANDS; i++) {
    double level_db = decibel_of_power(larger(d->peak[i][0], d->peak[i][1]));
    double all_db = knee_reduction_db(level_db - coefs->threshold_db[i], coefs->slope[i], 0, 0);
    wanted_db[i] = smaller(all_db, coefs->range_db[i]);
    d->peak[i][0] = d->peak[i][1] = 0;
  }
}

INLINED pair two(const double *of) { return (pair){of[0], of[1]}; }

static void smooth(eq_dynamics *d, const eq_dynamics_coefs *c, const double wanted_db[EQ_BANDS]) {
  for (int i = 0; i < EQ_BANDS; i += 2) {
    pair held = ballistics_hold(two(d->held_db + i), two(wanted_db + i), two(c->release_step + i));
    pair amount = ballistics_smooth(two(d->amount_db + i), held, two(c->attack_step + i), two(c->fall_step + i));
    for (int k = 0; k < 2; k++) {
      int over = wanted_db[i + k] == 0 && amount[k] < QUIET_AMOUNT_DB;
      d->held_db[i + k] = over ? 0 : held[k];
      d->amount_db[i + k] = over ? 0 : amount[k];
    }
  }
}

void eq_dynamics_tick(eq_dynamics *state, const eq_dynamics_coefs *coefs) {
  double wanted_db[EQ_BANDS];
  want(wanted_db, state, coefs);
  smooth(state, coefs, wanted_db);
  drop_denormals(state);
}

void eq_dynamics_rest(eq_dynamics *d, int32_t band) {
  for (int lane = 0; lane < 2; lane++) {
    d->s1[band][lane] = d->s2[band][lane] = d->turned[band][lane] = 0;
    d->power[band][lane] = d->peak[band][lane] = 0;
  }
  d->held_db[band] = d->amount_db[band] = 0;
}

svf_coefs eq_dynamics_section(const eq_dynamics *state, const eq_dynamics_coefs *coefs, int32_t band) {
  double at = smaller(state->amount_db[band] * coefs->nodes_per_db[band], EQ_NODES - 1);
  int first = at < EQ_NODES - 2 ? (int)at : EQ_NODES - 2;
  double share = at - first;
  const svf_coefs *a = &coefs->node[band][first], *b = a + 1;
  if (share == 0) return *a;
  return (svf_coefs){a->g + share * (b->g - a->g), a->k + share * (b->k - a->k), a->m0 + share * (b->m0 - a->m0),
                     a->m1 + share * (b->m1 - a->m1), a->m2 + share * (b->m2 - a->m2)};
}
