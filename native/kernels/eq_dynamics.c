#include "eq_dynamics.h"

#include "compression.h"
#include "svf.h"
#include "vec.h"

enum { ABREAST = 4, LONGEST = 256 }; /* bands of a group; frames of a tick */
#define QUIET_AMOUNT_DB 1e-6 /* a release that has come this far is over */

/* Two bands, two lanes each. */
typedef struct {
  quad from_left, from_right, turn, quadrature, mean_step;
  svf_quad filter;
} ear;

typedef struct {
  quad s1, s2, turned, power, peak;
} heard;

INLINED void ear_open(ear *e, const eq_detector_coefs *c, int band) {
  e->from_left = quad_load(c->from_left[band]), e->from_right = quad_load(c->from_right[band]);
  e->turn = quad_load(c->turn[band]), e->quadrature = quad_load(c->quadrature[band]);
  e->mean_step = quad_load(c->mean_step[band]);
  quad *filter[EQ_DETECTOR_NUMBERS] = {&e->filter.e1, &e->filter.e2, &e->filter.e3, &e->filter.m0, &e->filter.h1, &e->filter.h2};
  for (int i = 0; i < EQ_DETECTOR_NUMBERS; i++) *filter[i] = quad_load(c->filter[i][band]);
}

INLINED void heard_load(heard *h, const eq_dynamics *d, int band) {
  h->s1 = quad_load(d->s1[band]), h->s2 = quad_load(d->s2[band]), h->turned = quad_load(d->turned[band]);
  h->power = quad_load(d->power[band]), h->peak = quad_load(d->peak[band]);
}

INLINED void heard_store(const heard *h, eq_dynamics *d, int band) {
  quad_store(d->s1[band], h->s1), quad_store(d->s2[band], h->s2), quad_store(d->turned[band], h->turned);
  quad_store(d->power[band], h->power), quad_store(d->peak[band], h->peak);
}

/* By masks: the compiler keeps this one in the vector. */
INLINED quad higher(quad a, quad b) {
  quad_mask first = a > b;
  return (quad)(((quad_mask)a & first) | ((quad_mask)b & ~first));
}

INLINED void hear(heard *h, const ear *e, double left, double right) {
  quad x = e->from_left * left + e->from_right * right, y;
  svf_tick(&e->filter, &h->s1, &h->s2, &x, &y);
  quad half = (y - h->turned) * e->turn, low = half + h->turned;
  h->turned = low + half;
  quad quadrature = e->quadrature * (low + low - y);
  quad power = y * y + quadrature * quadrature;
  h->power += e->mean_step * (power - h->power);
  h->peak = higher(h->power, h->peak);
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

INLINED void quieten(double state[EQ_BANDS][2]) { quiet_all(state[0], 2 * EQ_BANDS); }

VECTORISED static void drop_denormals(eq_dynamics *d) { quieten(d->s1), quieten(d->s2), quieten(d->turned), quieten(d->power); }

VECTORISED static void want(double wanted_db[EQ_BANDS], eq_dynamics *d, const eq_dynamics_coefs *coefs) {
  double power[EQ_BANDS];
  for (int i = 0; i < EQ_BANDS; i++) power[i] = larger(d->peak[i][0], d->peak[i][1]) + QUIET_POWER;
  for (int i = 0; i < EQ_BANDS; i++) {
    double all_db = knee_reduction_db(power_db(power[i]) - coefs->threshold_db[i], coefs->slope[i], 0, 0);
    wanted_db[i] = smaller(all_db, coefs->range_db[i]);
  }
  memset(d->peak, 0, sizeof d->peak);
}

VECTORISED static int32_t smooth(eq_dynamics *d, const eq_dynamics_coefs *c, const double wanted_db[EQ_BANDS]) {
  int32_t changed = 0;
  for (int i = 0; i < EQ_BANDS; i += 4) {
    quad held = quad_hold_peaks(quad_load(d->held_db + i), quad_load(wanted_db + i), quad_load(c->release_step + i));
    quad amount = quad_smooth(quad_load(d->amount_db + i), held, quad_load(c->attack_step + i), quad_load(c->fall_step + i));
    for (int k = i; k < i + 4; k++) {
      int over = wanted_db[k] == 0 && amount[k - i] < QUIET_AMOUNT_DB;
      double now_db = over ? 0 : amount[k - i];
      changed |= now_db != d->amount_db[k];
      d->amount_db[k] = now_db;
      d->held_db[k] = over ? 0 : held[k - i];
    }
  }
  return changed;
}

int32_t eq_dynamics_tick(eq_dynamics *state, const eq_dynamics_coefs *coefs) {
  double wanted_db[EQ_BANDS];
  state->into_tick_frames = 0;
  want(wanted_db, state, coefs);
  drop_denormals(state);
  return smooth(state, coefs, wanted_db);
}

void eq_dynamics_rest(eq_dynamics *d, int32_t band) {
  for (int lane = 0; lane < 2; lane++) {
    d->s1[band][lane] = d->s2[band][lane] = d->turned[band][lane] = 0;
    d->power[band][lane] = d->peak[band][lane] = 0;
  }
  d->held_db[band] = d->amount_db[band] = 0;
}

/* An amount may be a rounding above its range, or that of a wider one that has just been left. */
double eq_dynamics_offset_db(const eq_dynamics *state, const eq_dynamics_coefs *coefs, int32_t band) {
  double amount_db = smaller(state->amount_db[band], coefs->range_db[band]);
  return amount_db > 0 ? coefs->sign[band] * amount_db : 0;
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
