/* multiband.c - ramps, fades between sets of bands, and on and off; the bands themselves are in multiband_bands.c. */
#include "multiband.h"

#include <math.h>
#include <string.h>

#include "compression.h"
#include "multiband_bands.h"
#include "s_curve.h"

enum { CHUNK = MULTIBAND_CHUNK, LAW_NUMBERS = sizeof(multiband_law) / sizeof(double) };

void multiband_reset(multiband *state) { *state = (multiband){0}; }

/* ---- the way from law to law ---- */

static double position(uint32_t frames, uint32_t left_frames) {
  return left_frames ? s_curve((double)(frames - left_frames) / frames) : 0;
}

static multiband_law law_now(const multiband *state) {
  multiband_law law;
  double u = position(state->ramp_frames, state->ramp_left_frames), *now = (double *)&law;
  const double *from = (const double *)&state->from, *span = (const double *)&state->span;
  for (int i = 0; i < LAW_NUMBERS; i++) now[i] = from[i] + span[i] * u;
  return law;
}

static void arrive(multiband *state) {
  state->from = state->to;
  state->span = (multiband_law){0};
  state->ramp_left_frames = 0;
}

static void aim(multiband *state, const multiband_law *from, const multiband_law *to, uint32_t frames) {
  const double *start = (const double *)from, *end = (const double *)to;
  double *span = (double *)&state->span;
  for (int i = 0; i < LAW_NUMBERS; i++) span[i] = end[i] - start[i];
  state->from = *from, state->to = *to;
  state->ramp_frames = state->ramp_left_frames = frames;
  if (!frames) arrive(state);
}

/* ---- sets of bands ---- */

static int is_asleep(const multiband *state) { return !state->ramp_left_frames && state->from.share == 0; }

static int is_same_set(const multiband_split *split, const multiband_coefs *coefs) {
  return split->bands == coefs->bands && split->slope == coefs->slope;
}

static void begin(multiband_split *split, const multiband_coefs *coefs) {
  *split = (multiband_split){.bands = coefs->bands, .slope = coefs->slope};
}

/* Band i reaches from edge i - 1 to edge i, the outermost on and on. */
static double lower_edge(const multiband_law *law, int band) { return band ? law->crossover_g[band - 1] : 0; }
static double upper_edge(const multiband_law *law, int bands, int band) {
  return band < bands - 1 ? law->crossover_g[band] : (double)INFINITY;
}

/* The larger of what either remembers, both channels. */
static void take_over(multiband_split *to, int band, const multiband_split *from, int from_band) {
  double *into[] = {to->fast_db, to->held_db, to->slow_db, to->smooth_db, to->limit_fast_db, to->limit_smooth_db};
  const double *out_of[] = {from->fast_db,   from->held_db,       from->slow_db,
                            from->smooth_db, from->limit_fast_db, from->limit_smooth_db};
  for (int i = 0; i < 6; i++)
    for (int c = 0; c < 2; c++) into[i][2 * band + c] = larger(into[i][2 * band + c], out_of[i][2 * from_band + c]);
}

/* A new band starts with the largest of the reductions of those old ones with which it shares a third of an octave. */
static void take_over_all(multiband_split *to, const multiband_law *law, const multiband_split *from, const multiband_law *old) {
  const double third = 1.26;
  for (int i = 0; i < to->bands; i++)
    for (int j = 0; j < from->bands; j++)
      if (third * lower_edge(old, j) < upper_edge(law, to->bands, i) &&
          third * lower_edge(law, i) < upper_edge(old, from->bands, j))
        take_over(to, i, from, j);
}

/* Now becomes old, and new bands start where it stands. */
static void fade_over(multiband *state, const multiband_coefs *coefs, uint32_t frames) {
  state->old = state->now;
  state->old_law = law_now(state);
  state->fade_frames = state->fade_left_frames = frames;
  begin(&state->now, coefs);
  take_over_all(&state->now, &coefs->law, &state->old, &state->old_law);
}

/* ---- following the coefs ---- */

/* New bands have their own law from the start; only on and off goes on along its way. */
static void follow_to_other_set(multiband *state, const multiband_coefs *coefs, uint32_t frames) {
  multiband_law start = coefs->law;
  start.share = law_now(state).share;
  if (frames && !is_asleep(state)) fade_over(state, coefs, frames);
  else begin(&state->now, coefs);
  aim(state, &start, &coefs->law, start.share != coefs->law.share ? frames : 0);
}

/* A third set has to wait for the fade between two: what is left of it, however long, then goes as fast as the change that waits, or in
 * 5 ms, from where it stands. */
static void hurry_fade(multiband *state, const multiband_coefs *coefs) {
  uint32_t least = coefs->least_fade_frames, ramp = coefs->change.ramp_frames, frames = ramp > least ? ramp : least;
  if (state->fade_left_frames <= frames) return;
  state->fade_frames *= (double)frames / state->fade_left_frames;
  state->fade_left_frames = frames;
}

static void follow(multiband *state, const multiband_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  int same = is_same_set(&state->now, coefs);
  if (state->fade_left_frames && !same) {
    hurry_fade(state, coefs);
    return;
  }
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  multiband_law start = law_now(state);
  if (!same || is_asleep(state)) follow_to_other_set(state, coefs, frames);
  else aim(state, &start, &coefs->law, frames);
  state->serial = coefs->change.serial;
}

static void drop_denormals(multiband *state) {
  crossover_drop_denormals(&state->now.filters);
  if (state->fade_left_frames) crossover_drop_denormals(&state->old.filters);
}

static void advance(multiband *state, uint32_t frames) {
  state->clock_frames += frames;
  if (state->fade_left_frames) state->fade_left_frames -= frames;
  if (state->ramp_left_frames && !(state->ramp_left_frames -= frames)) arrive(state);
  if (is_asleep(state)) state->fade_left_frames = 0;
  if (state->clock_frames % CHUNK == 0) drop_denormals(state);
}

/* ---- one stretch ---- */

/* Ends where a ramp or a fade does, and at fixed frames, so that what is done once a chunk depends on no block size. */
static uint32_t chunk_frames(const multiband *state, uint32_t left_to_do) {
  uint32_t frames = CHUNK - state->clock_frames % CHUNK;
  if (state->ramp_left_frames && state->ramp_left_frames < frames) frames = state->ramp_left_frames;
  if (state->fade_left_frames && state->fade_left_frames < frames) frames = state->fade_left_frames;
  return left_to_do < frames ? left_to_do : frames;
}

static void positions(double u[CHUNK], double ramp_frames, uint32_t left_frames, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) u[n] = s_curve((ramp_frames - left_frames + 1 + n) / ramp_frames);
}

/* value += share (toward - value), share moving from `from` by span along u. */
static void fade(double *value, const double *toward, const double u[CHUNK], double from, double span, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) value[n] += (from + span * u[n]) * (toward[n] - value[n]);
}

static void fade_in_from_old(multiband *state, const multiband_coefs *coefs, double *const dry[2], double wet[2][CHUNK],
                             uint32_t frames) {
  double u[CHUNK], before[2][CHUNK], not_shown[MULTIBAND_BANDS][2] = {{0}};
  const multiband_way still = {.from = &state->old_law, .span = &state->old_law};
  for (int c = 0; c < 2; c++) memcpy(before[c], dry[c], frames * sizeof(double));
  multiband_bands_process(&state->old, coefs, &still, not_shown, before[0], before[1], frames);
  positions(u, state->fade_frames, state->fade_left_frames, frames);
  for (int c = 0; c < 2; c++) {
    fade(before[c], wet[c], u, 0, 1, frames);
    memcpy(wet[c], before[c], frames * sizeof(double));
  }
}

static void process_chunk(multiband *state, const multiband_coefs *coefs, double *const audio[2], uint32_t frames) {
  double u[CHUNK] = {0}, wet[2][CHUNK];
  int moves = state->ramp_left_frames != 0;
  const multiband_way way = {.from = &state->from, .span = &state->span, .u = moves ? u : 0};
  if (moves) positions(u, state->ramp_frames, state->ramp_left_frames, frames);
  for (int c = 0; c < 2; c++) memcpy(wet[c], audio[c], frames * sizeof(double));
  multiband_bands_process(&state->now, coefs, &way, state->reduction_db, wet[0], wet[1], frames);
  if (state->fade_left_frames) fade_in_from_old(state, coefs, audio, wet, frames);
  for (int c = 0; c < 2; c++) {
    if (state->from.share == 1 && state->span.share == 0) memcpy(audio[c], wet[c], frames * sizeof(double));
    else fade(audio[c], wet[c], u, state->from.share, state->span.share, frames);
  }
}

static void heal(multiband_split *split) {
  if (!crossover_is_sane(&split->filters)) crossover_reset(&split->filters);
}

void multiband_process(multiband *state, const multiband_coefs *coefs, double *left, double *right, uint32_t frames) {
  for (uint32_t done = 0; done < frames;) {
    follow(state, coefs);
    double *const audio[2] = {left + done, right + done};
    uint32_t now = chunk_frames(state, frames - done);
    if (!is_asleep(state)) process_chunk(state, coefs, audio, now);
    advance(state, now);
    done += now;
  }
  heal(&state->now);
  if (state->fade_left_frames) heal(&state->old);
}
