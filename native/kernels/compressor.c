#include "compressor.h"

#include "compression.h"
#include "s_curve.h"
#include "vec.h"

enum { CHUNK = 64, PART = 16, MASK = COMPRESSOR_DELAY_FRAMES - 1 };
enum { LAW_NUMBERS = sizeof(compressor_law) / sizeof(double) };

/* One chunk on its way. `from` is the law while it stands still, and where the ramp started while `moving`. Local, so that loops
 * can keep it in registers. */
typedef struct {
  compressor_law from, span;
  double u[CHUNK]; /* position in the ramp, 0 .. 1 */
  double side[2][CHUNK]; /* samples, then power, then reduction wanted, then reduction applied */
  uint32_t frames;
} chunk;

/* The law at frame n; `moving` is a constant in each of the two copies of the code. */
#define NOW(number) (moving ? c->from.number + c->span.number * c->u[n] : c->from.number)

void compressor_reset(compressor *state) { *state = (compressor){0}; }

/* ---- the ramp ---- */

static double ramp_position(const compressor *state) {
  if (!state->ramp_left_frames) return 0;
  return s_curve((double)(state->ramp_frames - state->ramp_left_frames) / state->ramp_frames);
}

static void follow(compressor *state, const compressor_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  double u = ramp_position(state);
  double *from = (double *)&state->from, *span = (double *)&state->span;
  const double *to = (const double *)&coefs->law;
  for (int i = 0; i < LAW_NUMBERS; i++) {
    from[i] = frames ? from[i] + span[i] * u : to[i];
    span[i] = to[i] - from[i];
  }
  state->serial = coefs->change.serial;
  state->ramp_frames = state->ramp_left_frames = frames;
}

static void advance(compressor *state, const compressor_coefs *coefs, uint32_t frames) {
  state->clock_frames += frames;
  if (!state->ramp_left_frames) return;
  state->ramp_left_frames -= frames;
  if (state->ramp_left_frames) return;
  state->from = coefs->law;
  state->span = (compressor_law){0};
}

/* Ends where a ramp does and where the delay wraps, so that the law stands still or moves for a whole chunk. */
static uint32_t chunk_frames(const compressor *state, uint32_t left_to_do) {
  uint32_t frames = CHUNK - state->clock_frames % CHUNK;
  if (state->ramp_left_frames && state->ramp_left_frames < frames) frames = state->ramp_left_frames;
  return left_to_do < frames ? left_to_do : frames;
}

INLINED void chunk_begin(chunk *c, const compressor *state, uint32_t frames, int moving) {
  c->from = state->from;
  c->frames = frames;
  if (!moving) return;
  c->span = state->span;
  double first = state->ramp_frames - state->ramp_left_frames + 1;
  for (int32_t n = 0; n < (int32_t)frames; n++) c->u[n] = s_curve((first + n) / state->ramp_frames);
}

/* ---- the delay ---- */

INLINED void delay_write(double *restrict delay, uint32_t at, const double *restrict in, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) delay[(at & MASK) + n] = in[n];
}

INLINED void delay_read(double *restrict out, const double *restrict delay, uint32_t at, uint32_t frames) {
  uint32_t before_wrap = COMPRESSOR_DELAY_FRAMES - (at & MASK);
  uint32_t first = before_wrap < frames ? before_wrap : frames;
  for (uint32_t n = 0; n < first; n++) out[n] = delay[(at & MASK) + n];
  for (uint32_t n = first; n < frames; n++) out[n] = delay[n - first];
}

/* While look-ahead moves: between two frames, linearly, so the side-chain runs a little slower or faster and nothing jumps. */
INLINED void delay_read_moving(chunk *c, const double *delay, uint32_t clock_frames, int channel, int moving) {
  for (uint32_t n = 0; n < c->frames; n++) {
    double frames_ago = NOW(detector_delay_frames);
    uint32_t whole = (uint32_t)frames_ago, at = clock_frames + n - whole;
    double fraction = frames_ago - whole, newer = delay[at & MASK], older = delay[(at - 1) & MASK];
    c->side[channel][n] = fraction > 0 ? newer + fraction * (older - newer) : newer;
  }
}

INLINED void side_chain_read(chunk *c, const compressor *state, int channel, int moving) {
  double *side = c->side[channel];
  const double *delay = state->delay[channel];
  if (moving && c->span.detector_delay_frames != 0) delay_read_moving(c, delay, state->clock_frames, channel, moving);
  else delay_read(side, delay, state->clock_frames - (uint32_t)c->from.detector_delay_frames, c->frames);
  for (uint32_t n = 0; n < c->frames; n++) side[n] = side[n] < LOUDEST && side[n] > -LOUDEST ? side[n] : 0;
}

/* ---- both channels at once ---- */

INLINED pair pair_load(const double both[2]) { return (pair){both[0], both[1]}; }
INLINED void pair_store(double both[2], pair value) { both[0] = value[0], both[1] = value[1]; }
INLINED pair side_load(const chunk *c, uint32_t n) { return (pair){c->side[0][n], c->side[1][n]}; }
INLINED void side_store(chunk *c, uint32_t n, pair value) { c->side[0][n] = value[0], c->side[1][n] = value[1]; }

/* ---- the level ---- */

/* One section of the side-chain filter: x - share (k band + low) of an SVF. */
INLINED void high_pass_section(chunk *c, double state[2][2], int section, int moving) {
  pair s1 = pair_load(state[0]), s2 = pair_load(state[1]);
  for (uint32_t n = 0; n < c->frames; n++) {
    double g = NOW(high_pass_g), k = NOW(high_pass_k[section]), share = NOW(high_pass_share[section]);
    double a1 = 1 / (1 + g * (g + k)), a2 = g * a1, a3 = g * a2;
    pair x = side_load(c, n), v3 = x - s2;
    pair band = pair_of(a1) * s1 + pair_of(a2) * v3, low = s2 + (pair_of(a2) * s1 + pair_of(a3) * v3);
    s1 = band + (band - s1);
    s2 = low + (low - s2);
    side_store(c, n, x - pair_of(share) * (pair_of(k) * band + low));
  }
  pair_store(state[0], s1);
  pair_store(state[1], s2);
}

/* A section that is off, and not on its way to anywhere else, rests. */
INLINED void high_pass(chunk *c, compressor_detector *detector, int moving) {
  for (int section = 0; section < 2; section++) {
    int runs = c->from.high_pass_share[section] != 0 || (moving && c->span.high_pass_share[section] != 0);
    if (runs) high_pass_section(c, detector->high_pass[section], section, moving);
    else
      for (int i = 0; i < 4; i++) detector->high_pass[section][i / 2][i % 2] = 0;
  }
}

/* Turns a sample into power: the square, its running mean, or something between while the detector changes. */
INLINED void measure_power(chunk *c, pair *mean, uint32_t n, int moving) {
  pair x = side_load(c, n), power = x * x + pair_of(QUIET_POWER);
  *mean = pair_toward(*mean, power, pair_of(NOW(rms_step)));
  side_store(c, n, pair_toward(power, *mean, pair_of(NOW(rms_share))));
}

/* Turns power into the reduction that the static curve asks for, linked. */
INLINED void want_reduction(chunk *c, uint32_t from, uint32_t until, int moving) {
  for (uint32_t n = from; n < until; n++) {
    double threshold_db = NOW(threshold_db), slope = NOW(slope), knee_db = NOW(knee_db), range_db = NOW(range_db),
           link = NOW(link);
    double bend = knee_bend(slope, knee_db);
    double left_db = power_db(c->side[0][n]), right_db = power_db(c->side[1][n]);
    double left = smaller(knee_reduction_db(left_db - threshold_db, slope, knee_db, bend), range_db);
    double right = smaller(knee_reduction_db(right_db - threshold_db, slope, knee_db, bend), range_db);
    double both = link * larger(left, right) + QUIET_REDUCTION_DB;
    c->side[0][n] = (1 - link) * left + both;
    c->side[1][n] = (1 - link) * right + both;
  }
}

/* ---- attack and release ---- */

typedef struct {
  pair fast, held, slow, smooth, largest, hold_step, charge_step;
} releases;

INLINED releases releases_load(const compressor *state, const compressor_coefs *coefs) {
  const compressor_detector *d = &state->detector;
  return (releases){pair_load(d->fast_db),      pair_load(d->held_db),          pair_load(d->slow_db),
                    pair_load(d->smooth_db),    pair_load(state->reduction_db), pair_of(coefs->hold_step),
                    pair_of(coefs->charge_step)};
}

INLINED void releases_store(const releases *r, compressor *state, int automatic) {
  compressor_detector *d = &state->detector;
  pair_store(d->fast_db, r->fast);
  pair_store(d->held_db, automatic ? r->held : pair_of(0));
  pair_store(d->slow_db, automatic ? r->slow : pair_of(0));
  pair_store(d->smooth_db, r->smooth);
  pair_store(state->reduction_db, r->largest);
}

INLINED void smooth_reduction(chunk *c, releases *r, uint32_t n, int automatic, int moving) {
  pair wanted = side_load(c, n), target = r->fast = pair_hold_peaks(r->fast, wanted, pair_of(NOW(release_step)));
  if (automatic) {
    r->held = pair_hold_peaks(r->held, wanted, r->hold_step);
    r->slow = pair_charge(r->slow, r->held, r->charge_step, pair_of(NOW(auto_release_step)));
    target = pair_larger(target, pair_of(NOW(auto_share)) * r->slow);
  }
  r->smooth = pair_smooth(r->smooth, target, pair_of(NOW(attack_step)), pair_of(NOW(fall_step)));
  r->largest = pair_larger(r->largest, pair_of(NOW(active)) * r->smooth);
  side_store(c, n, r->smooth);
}

/* ---- all of it ---- */

INLINED uint32_t lesser(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Both recursions, the power's and the release's, wait for their own last frame. So part by part they run side by side, the release a
 * part behind, and between them the law of a part is vectors. */
INLINED void find_reduction(chunk *c, compressor *state, const compressor_coefs *coefs, int automatic, int moving) {
  pair mean = pair_load(state->detector.mean_square);
  releases r = releases_load(state, coefs);
  for (uint32_t from = 0; from < c->frames + PART; from += PART) {
    uint32_t begun = lesser(from, c->frames), until = lesser(from + PART, c->frames), n = begun, late = from ? from - PART : 0;
    if (from)
      for (; n < until; n++, late++) measure_power(c, &mean, n, moving), smooth_reduction(c, &r, late, automatic, moving);
    else
      for (; n < until; n++) measure_power(c, &mean, n, moving);
    for (; late < begun; late++) smooth_reduction(c, &r, late, automatic, moving);
    want_reduction(c, begun, until, moving);
  }
  pair_store(state->detector.mean_square, mean);
  releases_store(&r, state, automatic);
}

INLINED void apply(const chunk *c, const double *restrict reduction_db, double *restrict audio, int moving) {
  for (uint32_t n = 0; n < c->frames; n++) {
    audio[n] *= 1 + NOW(mix) * (gain_of(NOW(makeup_db) - reduction_db[n]) - 1);
  }
}

INLINED void process_chunk(compressor *state, const compressor_coefs *coefs, double *audio[2], uint32_t frames, int moving) {
  chunk c;
  chunk_begin(&c, state, frames, moving);
  for (int channel = 0; channel < 2; channel++) {
    delay_write(state->delay[channel], state->clock_frames, audio[channel], frames);
    delay_read(audio[channel], state->delay[channel], state->clock_frames - coefs->latency_frames, frames);
    side_chain_read(&c, state, channel, moving);
  }
  high_pass(&c, &state->detector, moving);
  if (c.from.auto_share != 0 || (moving && c.span.auto_share != 0)) find_reduction(&c, state, coefs, 1, moving);
  else find_reduction(&c, state, coefs, 0, moving);
  apply(&c, c.side[0], audio[0], moving);
  apply(&c, c.side[1], audio[1], moving);
}

VECTORISED static void process_still(compressor *state, const compressor_coefs *coefs, double *audio[2], uint32_t frames) {
  process_chunk(state, coefs, audio, frames, 0);
}

VECTORISED static void process_moving(compressor *state, const compressor_coefs *coefs, double *audio[2], uint32_t frames) {
  process_chunk(state, coefs, audio, frames, 1);
}

/* A decaying filter state would become denormal; at fixed frames, so that the block size does not matter. */
static void drop_denormals(compressor_detector *detector) {
  quiet_all(&detector->high_pass[0][0][0], sizeof detector->high_pass / sizeof(double));
}

void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  for (uint32_t done = 0; done < frames;) {
    double *audio[2] = {left + done, right + done};
    uint32_t now = chunk_frames(state, frames - done);
    if (state->ramp_left_frames) process_moving(state, coefs, audio, now);
    else process_still(state, coefs, audio, now);
    advance(state, coefs, now);
    if (state->clock_frames % CHUNK == 0) drop_denormals(&state->detector);
    done += now;
  }
}
