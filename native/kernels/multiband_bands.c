/* multiband_bands.c - the compressor's law on all bands at once: two bands with two channels each in a vector. */
#include "multiband_bands.h"

#include <stddef.h>

#include "compression.h"
#include "vec.h"

enum { CHUNK = MULTIBAND_CHUNK, QUADS_MAX = 3 };
enum { NUMBERS = offsetof(multiband_law, crossover_g) / sizeof(double[6]) };

/* The law in lanes. Everything before crossover_g in multiband_law is per band, in this order. */
enum {
  THRESHOLD_DB,
  SLOPE,
  KNEE_DB,
  RANGE_DB,
  ATTACK_STEP,
  FALL_STEP,
  RELEASE_STEP,
  AUTO_SHARE,
  AUTO_RELEASE_STEP,
  ACTIVE,
  GAIN_DB,
  HEARD,
  LIMIT_SHARE,
  LIMIT_DB
};

typedef struct {
  quad from[NUMBERS][QUADS_MAX], span[NUMBERS][QUADS_MAX];
  const multiband_way *way;
  const double *u;
  uint32_t frames;
  quad bands[CHUNK * QUADS_MAX]; /* frame by frame, as many vectors as there are pairs of bands */
  quad side[CHUNK * QUADS_MAX];  /* level, then reduction, then gain */
  quad work[CHUNK * QUADS_MAX];
} chunk;

/* The law at frame n of vector q; `moving` is a constant in each copy of the code. */
#define NOW(number) (moving ? c->from[number][q] + c->span[number][q] * c->u[n] : c->from[number][q])
#define NOW_OF_ALL(number) quad_of(moving ? c->way->from->number + c->way->span->number * c->u[n] : c->way->from->number)
#define EACH_FRAME (uint32_t n = 0; n < c->frames; n++)
#define EACH_QUAD (int q = 0; q < quads; q++)

static void spread(quad lanes[NUMBERS][QUADS_MAX], const multiband_law *law) {
  const double *number = (const double *)law;
  for (int i = 0; i < NUMBERS; i++, number += MULTIBAND_BANDS)
    for (int q = 0; q < QUADS_MAX; q++) lanes[i][q] = (quad){number[2 * q], number[2 * q], number[2 * q + 1], number[2 * q + 1]};
}

/* Does any of the bands have, or is it on its way to have, this number other than 0? */
static int is_used(const multiband_way *way, size_t offset, int count) {
  const double *from = (const double *)((const char *)way->from + offset);
  const double *span = (const double *)((const char *)way->span + offset);
  for (int i = 0; i < count; i++)
    if (from[i] != 0 || (way->u && span[i] != 0)) return 1;
  return 0;
}
#define USED(number, count) is_used(way, offsetof(multiband_law, number), count)

/* ---- the level ---- */

INLINED void measure_levels(double *restrict level, const double *restrict band, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    double x = band[i] < LOUDEST && band[i] > -LOUDEST ? band[i] : 0;
    level[i] = power_db(x * x + QUIET_POWER);
  }
}

/* ---- the compressor ---- */

INLINED quad linked(quad wanted, quad link) {
  return (1 - link) * wanted + (link * quad_larger(wanted, quad_crossed(wanted)) + QUIET_REDUCTION_DB);
}

/* What the static curve asks for, into `work`. */
INLINED void want_reduction(chunk *c, int quads, int moving) {
  for
    EACH_FRAME
    for
      EACH_QUAD {
        quad slope = NOW(SLOPE), knee_db = NOW(KNEE_DB), twice = quad_larger(2 * knee_db, quad_of(1e-9));
        quad over_db = c->side[n * (uint32_t)quads + (uint32_t)q] - NOW(THRESHOLD_DB);
        quad wanted = quad_knee_reduction_db(over_db, slope, knee_db, slope / twice);
        c->work[n * (uint32_t)quads + (uint32_t)q] = linked(quad_smaller(wanted, NOW(RANGE_DB)), NOW_OF_ALL(link));
      }
}

typedef struct {
  quad fast[QUADS_MAX], held[QUADS_MAX], slow[QUADS_MAX], smooth[QUADS_MAX];
} releases;

INLINED void smooth_reduction(chunk *c, multiband_split *s, const multiband_coefs *coefs, int automatic, int quads, int moving) {
  releases r;
  for
    EACH_QUAD {
      r.fast[q] = quad_load(s->fast_db + 4 * q), r.smooth[q] = quad_load(s->smooth_db + 4 * q);
      r.held[q] = quad_load(s->held_db + 4 * q), r.slow[q] = quad_load(s->slow_db + 4 * q);
    }
  for
    EACH_FRAME
    for
      EACH_QUAD {
        quad *wanted = &c->work[n * (uint32_t)quads + (uint32_t)q];
        quad target = r.fast[q] = quad_hold_peaks(r.fast[q], *wanted, NOW(RELEASE_STEP));
        if (automatic) {
          r.held[q] = quad_hold_peaks(r.held[q], *wanted, quad_of(coefs->hold_step));
          r.slow[q] = quad_charge(r.slow[q], r.held[q], quad_of(coefs->charge_step), NOW(AUTO_RELEASE_STEP));
          target = quad_larger(target, NOW(AUTO_SHARE) * r.slow[q]);
        }
        r.smooth[q] = quad_smooth(r.smooth[q], target, NOW(ATTACK_STEP), NOW(FALL_STEP));
        *wanted = NOW(ACTIVE) * r.smooth[q];
      }
  for
    EACH_QUAD {
      quad_store(s->fast_db + 4 * q, r.fast[q]), quad_store(s->smooth_db + 4 * q, r.smooth[q]);
      quad_store(s->held_db + 4 * q, automatic ? r.held[q] : quad_of(0));
      quad_store(s->slow_db + 4 * q, automatic ? r.slow[q] : quad_of(0));
    }
}

/* ---- the neighbours ---- */

INLINED quad one_band_up(quad lower, quad upper) { return __builtin_shufflevector(lower, upper, 2, 3, 4, 5); }

INLINED void couple(chunk *c, int quads, int moving) {
  for
    EACH_FRAME {
      quad *own = &c->work[n * (uint32_t)quads], step[QUADS_MAX + 1]; /* step[q]: the band below quad q, and its first band */
      for (int q = 0; q <= quads; q++) step[q] = one_band_up(q ? own[q - 1] : quad_of(0), q < quads ? own[q] : quad_of(0));
    for
      EACH_QUAD {
        quad share = NOW_OF_ALL(coupling) * NOW(ACTIVE);
        own[q] = quad_larger(own[q], share * quad_larger(step[q], step[q + 1]));
      }
    }
}

/* ---- the limit ---- */

INLINED void limit(chunk *c, multiband_split *s, const multiband_coefs *coefs, int quads, int moving) {
  quad fast[QUADS_MAX], smooth[QUADS_MAX], attack = quad_of(coefs->limit_attack_step),
                                           release = quad_of(coefs->limit_release_step);
  for
    EACH_QUAD fast[q] = quad_load(s->limit_fast_db + 4 * q), smooth[q] = quad_load(s->limit_smooth_db + 4 * q);
  for
    EACH_FRAME
    for
      EACH_QUAD {
        quad *reduction = &c->work[n * (uint32_t)quads + (uint32_t)q];
        quad over_db = c->side[n * (uint32_t)quads + (uint32_t)q] + NOW(GAIN_DB) - *reduction - NOW(LIMIT_DB);
        quad wanted = linked(NOW(LIMIT_SHARE) * quad_larger(over_db, quad_of(0)), NOW_OF_ALL(link));
        fast[q] = quad_hold_peaks(fast[q], wanted, release);
        smooth[q] = smooth[q] + attack * (fast[q] - smooth[q]);
        *reduction += smooth[q];
      }
  for
    EACH_QUAD quad_store(s->limit_fast_db + 4 * q, fast[q]), quad_store(s->limit_smooth_db + 4 * q, smooth[q]);
}

static void forget_limit(multiband_split *s) {
  memset(s->limit_fast_db, 0, sizeof s->limit_fast_db);
  memset(s->limit_smooth_db, 0, sizeof s->limit_smooth_db);
}

/* ---- the gain ---- */

/* From reduction to the band's gain in dB, with the largest for the meters. */
INLINED void want_gain(chunk *c, double reduction_db[MULTIBAND_LANES], int quads, int moving) {
  quad largest[QUADS_MAX];
  for
    EACH_QUAD largest[q] = quad_load(reduction_db + 4 * q);
  for
    EACH_FRAME
    for
      EACH_QUAD {
        quad reduction = c->work[n * (uint32_t)quads + (uint32_t)q];
        largest[q] = quad_larger(largest[q], NOW_OF_ALL(share) * reduction);
        c->side[n * (uint32_t)quads + (uint32_t)q] = NOW(GAIN_DB) - reduction;
      }
  for
    EACH_QUAD quad_store(reduction_db + 4 * q, largest[q]);
}

INLINED void decibels_to_gains(double *side, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) side[i] = gain_of(side[i]);
}

INLINED void add_up(const chunk *c, double *restrict left, double *restrict right, int quads, int moving) {
  for
    EACH_FRAME {
      quad sum = quad_of(0);
    for
      EACH_QUAD {
        quad gain = 1 + NOW_OF_ALL(mix) * (c->side[n * (uint32_t)quads + (uint32_t)q] - 1);
        sum += c->bands[n * (uint32_t)quads + (uint32_t)q] * (NOW(HEARD) * gain);
      }
    left[n] = sum[0] + sum[2], right[n] = sum[1] + sum[3];
    }
}

/* ---- all of it ---- */

INLINED void reduce(chunk *c, multiband_split *s, const multiband_coefs *coefs, double reduction_db[MULTIBAND_LANES], int quads,
                    int moving) {
  const multiband_way *way = c->way;
  uint32_t count = 4 * (uint32_t)quads * c->frames;
  measure_levels((double *)c->side, (const double *)c->bands, count);
  want_reduction(c, quads, moving);
  if (USED(auto_share, s->bands)) smooth_reduction(c, s, coefs, 1, quads, moving);
  else smooth_reduction(c, s, coefs, 0, quads, moving);
  if (USED(coupling, 1)) couple(c, quads, moving);
  if (USED(limit_share, s->bands)) limit(c, s, coefs, quads, moving);
  else forget_limit(s);
  want_gain(c, reduction_db, quads, moving);
  decibels_to_gains((double *)c->side, count);
}

INLINED void reduce_and_add(chunk *c, multiband_split *s, const multiband_coefs *coefs, double reduction_db[MULTIBAND_LANES],
                            double *left, double *right, int quads, int moving) {
  reduce(c, s, coefs, reduction_db, quads, moving);
  add_up(c, left, right, quads, moving);
}

#define PROCESS(name, moving)                                                                                                   \
  VECTORISED static void name(chunk *c, multiband_split *s, const multiband_coefs *coefs, double reduction_db[MULTIBAND_LANES], \
                              double *left, double *right) {                                                                    \
    if (s->bands <= 2) reduce_and_add(c, s, coefs, reduction_db, left, right, 1, moving);                                       \
    else if (s->bands <= 4) reduce_and_add(c, s, coefs, reduction_db, left, right, 2, moving);                                  \
    else reduce_and_add(c, s, coefs, reduction_db, left, right, 3, moving);                                                     \
  }
PROCESS(process_still, 0)
PROCESS(process_moving, 1)

/* Cuts; where an edge moves, it has its own place at every frame. */
static void cut(chunk *c, multiband_split *s, const double *left, const double *right) {
  const multiband_way *way = c->way;
  crossover_place place = {.edges = s->bands - 1, .slope = s->slope};
  double g_at[CROSSOVER_EDGES][CHUNK];
  for (int edge = 0; edge < place.edges; edge++) {
    double g = way->from->crossover_g[edge], span = way->span->crossover_g[edge];
    place.g[edge] = g;
    if (!c->u || span == 0) continue;
    for (uint32_t n = 0; n < c->frames; n++) g_at[edge][n] = g + span * c->u[n];
    place.g_at[edge] = g_at[edge];
  }
  crossover_process(&s->filters, &place, left, right, (double *)c->bands, c->frames);
}

void multiband_bands_process(multiband_split *split, const multiband_coefs *coefs, const multiband_way *way,
                             double reduction_db[MULTIBAND_BANDS][2], double *left, double *right, uint32_t frames) {
  chunk c;
  c.way = way, c.u = way->u, c.frames = frames;
  memset(c.bands, 0, frames * sizeof(quad) * (size_t)((split->bands + 1) / 2));
  spread(c.from, way->from);
  if (way->u) spread(c.span, way->span);
  cut(&c, split, left, right);
  if (way->u) process_moving(&c, split, coefs, reduction_db[0], left, right);
  else process_still(&c, split, coefs, reduction_db[0], left, right);
}
