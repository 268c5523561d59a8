/* multiband_bands.c - the compressor's law on all bands at once: two bands with two channels each in a vector. */
#include "multiband_bands.h"

#include <stddef.h>

#include "compression.h"
#include "vec.h"

enum { CHUNK = MULTIBAND_CHUNK, QUADS_MAX = 3 };

/* The law in lanes: what multiband_law has per band, in its order, then what all bands share. */
enum { THRESHOLD_DB, SLOPE, KNEE_DB, RANGE_DB, ATTACK_STEP, FALL_STEP, RELEASE_STEP, AUTO_SHARE, AUTO_RELEASE_STEP };
enum { ACTIVE = AUTO_RELEASE_STEP + 1, GAIN_DB, HEARD, LIMIT_SHARE, LIMIT_DB, LINK, COUPLING, MIX, SHARE, NUMBERS };
_Static_assert(offsetof(multiband_law, crossover_g) == LINK * sizeof(double[MULTIBAND_BANDS]), "per band: up to the limit");
_Static_assert(offsetof(multiband_law, limit_db) == LIMIT_DB * sizeof(double[MULTIBAND_BANDS]), "in the order of multiband_law");

typedef struct {
  quad from[NUMBERS][QUADS_MAX], span[NUMBERS][QUADS_MAX];
  const double *u;
  uint32_t frames;
} lanes_law;

/* Frame by frame, as many vectors as there are pairs of bands. */
typedef struct {
  quad bands[CHUNK * QUADS_MAX];
  quad level[CHUNK * QUADS_MAX];     /* dB; at the end the gain */
  quad reduction[CHUNK * QUADS_MAX]; /* dB */
} chunk;

/* The law at frame n of vector q; `moving` is a constant in each copy of the code. */
#define NOW(number) (moving ? law->from[number][q] + law->span[number][q] * law->u[n] : law->from[number][q])
#define EACH_FRAME        \
  uint32_t n = 0, at = 0; \
  n < law->frames;        \
  n++, at += (uint32_t)quads
#define EACH_QUAD \
  int q = 0;      \
  q < quads;      \
  q++

static void spread(quad lanes[NUMBERS][QUADS_MAX], const multiband_law *law) {
  const double *number = (const double *)law, shared[] = {law->link, law->coupling, law->mix, law->share};
  for (int i = 0; i < NUMBERS; i++, number += MULTIBAND_BANDS)
    for (int q = 0; q < QUADS_MAX; q++)
      lanes[i][q] =
          i < LINK ? (quad){number[2 * q], number[2 * q], number[2 * q + 1], number[2 * q + 1]} : quad_of(shared[i - LINK]);
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
    double power = band[i] * band[i];
    level[i] = power_db((power < LOUDEST * LOUDEST ? power : 0) + QUIET_POWER);
  }
}

/* ---- the compressor ---- */

INLINED quad linked(quad wanted, quad link) {
  return (1 - link) * wanted + (link * quad_larger(wanted, quad_crossed(wanted)) + QUIET_REDUCTION_DB);
}

INLINED quad bend_of(quad slope, quad knee_db) { return slope / quad_larger(2 * knee_db, quad_of(1e-9)); }

/* What the static curve asks for. */
INLINED void want_reduction(const lanes_law *restrict law, const quad *restrict level, quad *restrict reduction, int quads,
                            int moving) {
  quad bend[QUADS_MAX];
  for (EACH_QUAD) bend[q] = bend_of(law->from[SLOPE][q], law->from[KNEE_DB][q]);
  for (EACH_FRAME)
    for (EACH_QUAD) {
      quad slope = NOW(SLOPE), knee_db = NOW(KNEE_DB);
      quad wanted = quad_knee_reduction_db(level[at + (uint32_t)q] - NOW(THRESHOLD_DB), slope, knee_db,
                                           moving ? bend_of(slope, knee_db) : bend[q]);
      reduction[at + (uint32_t)q] = linked(quad_smaller(wanted, NOW(RANGE_DB)), NOW(LINK));
    }
}

typedef struct {
  quad fast[QUADS_MAX], held[QUADS_MAX], slow[QUADS_MAX], smooth[QUADS_MAX];
} releases;

INLINED void releases_load(releases *r, const multiband_split *s, int quads) {
  for (EACH_QUAD) {
    r->fast[q] = quad_load(s->fast_db + 4 * q), r->smooth[q] = quad_load(s->smooth_db + 4 * q);
    r->held[q] = quad_load(s->held_db + 4 * q), r->slow[q] = quad_load(s->slow_db + 4 * q);
  }
}

INLINED void releases_store(const releases *r, multiband_split *s, int automatic, int quads) {
  for (EACH_QUAD) {
    quad_store(s->fast_db + 4 * q, r->fast[q]), quad_store(s->smooth_db + 4 * q, r->smooth[q]);
    quad_store(s->held_db + 4 * q, automatic ? r->held[q] : quad_of(0));
    quad_store(s->slow_db + 4 * q, automatic ? r->slow[q] : quad_of(0));
  }
}

INLINED void smooth_reduction(const lanes_law *restrict law, multiband_split *s, const multiband_coefs *coefs,
                              quad *restrict reduction, int automatic, int quads, int moving) {
  const quad hold_step = quad_of(coefs->hold_step), charge_step = quad_of(coefs->charge_step);
  releases r;
  releases_load(&r, s, quads);
  for (EACH_FRAME)
    for (EACH_QUAD) {
      quad wanted = reduction[at + (uint32_t)q], target = r.fast[q] = quad_hold_peaks(r.fast[q], wanted, NOW(RELEASE_STEP));
      if (automatic) {
        r.held[q] = quad_hold_peaks(r.held[q], wanted, hold_step);
        r.slow[q] = quad_charge(r.slow[q], r.held[q], charge_step, NOW(AUTO_RELEASE_STEP));
        target = quad_larger(target, NOW(AUTO_SHARE) * r.slow[q]);
      }
      r.smooth[q] = quad_smooth(r.smooth[q], target, NOW(ATTACK_STEP), NOW(FALL_STEP));
      reduction[at + (uint32_t)q] = NOW(ACTIVE) * r.smooth[q];
    }
  releases_store(&r, s, automatic, quads);
}

/* ---- the neighbours ---- */

INLINED quad one_band_up(quad lower, quad upper) { return __builtin_shufflevector(lower, upper, 2, 3, 4, 5); }

INLINED void couple(const lanes_law *restrict law, quad *restrict reduction, int quads, int moving) {
  for (EACH_FRAME) {
    quad *own = reduction + at, beside[QUADS_MAX + 1]; /* beside[q]: the band below vector q, and its first band */
    for (int q = 0; q <= quads; q++) beside[q] = one_band_up(q ? own[q - 1] : quad_of(0), q < quads ? own[q] : quad_of(0));
    for (EACH_QUAD) own[q] = quad_larger(own[q], NOW(COUPLING) * NOW(ACTIVE) * quad_larger(beside[q], beside[q + 1]));
  }
}

/* ---- the limit ---- */

INLINED void limit(const lanes_law *restrict law, multiband_split *s, const multiband_coefs *coefs, const quad *restrict level,
                   quad *restrict reduction, int quads, int moving) {
  const quad attack = quad_of(coefs->limit_attack_step), release = quad_of(coefs->limit_release_step);
  quad fast[QUADS_MAX], smooth[QUADS_MAX];
  for (EACH_QUAD) fast[q] = quad_load(s->limit_fast_db + 4 * q), smooth[q] = quad_load(s->limit_smooth_db + 4 * q);
  for (EACH_FRAME)
    for (EACH_QUAD) {
      quad over_db = level[at + (uint32_t)q] + NOW(GAIN_DB) - reduction[at + (uint32_t)q] - NOW(LIMIT_DB);
      quad wanted = linked(NOW(LIMIT_SHARE) * quad_larger(over_db, quad_of(0)), NOW(LINK));
      fast[q] = quad_hold_peaks(fast[q], wanted, release);
      smooth[q] = quad_toward(smooth[q], fast[q], attack);
      reduction[at + (uint32_t)q] += smooth[q];
    }
  for (EACH_QUAD) quad_store(s->limit_fast_db + 4 * q, fast[q]), quad_store(s->limit_smooth_db + 4 * q, smooth[q]);
}

static void forget_limit(multiband_split *s) {
  memset(s->limit_fast_db, 0, sizeof s->limit_fast_db);
  memset(s->limit_smooth_db, 0, sizeof s->limit_smooth_db);
}

/* ---- the gain ---- */

/* The bands' gains in dB, and the largest reduction for the meters. */
INLINED void want_gain(const lanes_law *restrict law, double reduction_db[MULTIBAND_LANES], const quad *restrict reduction,
                       quad *restrict gain_db, int quads, int moving) {
  quad largest[QUADS_MAX];
  for (EACH_QUAD) largest[q] = quad_load(reduction_db + 4 * q);
  for (EACH_FRAME)
    for (EACH_QUAD) {
      largest[q] = quad_larger(largest[q], NOW(SHARE) * reduction[at + (uint32_t)q]);
      gain_db[at + (uint32_t)q] = NOW(GAIN_DB) - reduction[at + (uint32_t)q];
    }
  for (EACH_QUAD) quad_store(reduction_db + 4 * q, largest[q]);
}

INLINED void decibels_to_gains(double *side, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) side[i] = gain_of(side[i]);
}

INLINED void add_up(const lanes_law *restrict law, const quad *restrict bands, const quad *restrict gain, double *restrict left,
                    double *restrict right, int quads, int moving) {
  for (EACH_FRAME) {
    quad sum = quad_of(0);
    for (EACH_QUAD) sum += bands[at + (uint32_t)q] * (NOW(HEARD) * (1 + NOW(MIX) * (gain[at + (uint32_t)q] - 1)));
    left[n] = sum[0] + sum[2], right[n] = sum[1] + sum[3];
  }
}

/* ---- all of it ---- */

typedef struct {
  multiband_split *split;
  const multiband_coefs *coefs;
  const multiband_way *way;
  double *reduction_db, *left, *right;
} job;

INLINED void reduce_and_add(const job *j, chunk *c, const lanes_law *law, int quads, int moving) {
  const multiband_way *way = j->way;
  int bands = j->split->bands;
  uint32_t count = 4 * (uint32_t)quads * law->frames;
  measure_levels((double *)c->level, (const double *)c->bands, count);
  want_reduction(law, c->level, c->reduction, quads, moving);
  if (USED(auto_share, bands)) smooth_reduction(law, j->split, j->coefs, c->reduction, 1, quads, moving);
  else smooth_reduction(law, j->split, j->coefs, c->reduction, 0, quads, moving);
  if (USED(coupling, 1)) couple(law, c->reduction, quads, moving);
  if (USED(limit_share, bands)) limit(law, j->split, j->coefs, c->level, c->reduction, quads, moving);
  else forget_limit(j->split);
  want_gain(law, j->reduction_db, c->reduction, c->level, quads, moving);
  decibels_to_gains((double *)c->level, count);
  add_up(law, c->bands, c->level, j->left, j->right, quads, moving);
}

#define PROCESS(name, moving)                                                 \
  VECTORISED static void name(const job *j, chunk *c, const lanes_law *law) { \
    if (j->split->bands <= 2) reduce_and_add(j, c, law, 1, moving);           \
    else if (j->split->bands <= 4) reduce_and_add(j, c, law, 2, moving);      \
    else reduce_and_add(j, c, law, 3, moving);                                \
  }
PROCESS(process_still, 0)
PROCESS(process_moving, 1)

/* Where an edge moves, it has its own place at every frame. */
static void cut(const job *j, chunk *c, uint32_t frames) {
  const multiband_way *way = j->way;
  crossover_place place = {.edges = j->split->bands - 1, .slope = j->split->slope};
  double g_at[CROSSOVER_EDGES][CHUNK];
  for (int edge = 0; edge < place.edges; edge++) {
    double g = way->from->crossover_g[edge], span = way->span->crossover_g[edge];
    place.g[edge] = g;
    if (!way->u || span == 0) continue;
    for (uint32_t n = 0; n < frames; n++) g_at[edge][n] = g + span * way->u[n];
    place.g_at[edge] = g_at[edge];
  }
  crossover_process(&j->split->filters, &place, j->left, j->right, (double *)c->bands, frames);
}

void multiband_bands_process(multiband_split *split, const multiband_coefs *coefs, const multiband_way *way,
                             double reduction_db[MULTIBAND_BANDS][2], double *left, double *right, uint32_t frames) {
  const job j = {split, coefs, way, reduction_db[0], left, right};
  chunk c;
  lanes_law law;
  law.u = way->u, law.frames = frames;
  spread(law.from, way->from);
  if (way->u) spread(law.span, way->span);
  cut(&j, &c, frames);
  if (way->u) process_moving(&j, &c, &law);
  else process_still(&j, &c, &law);
}
