#include "eq.h"

#include "quiet.h"
#include "ramp.h"

enum { STRETCH_FRAMES = 256 }; /* what is worked on at once stays in the nearest cache */

typedef struct {
  cascade_section *section[EQ_BANDS * EQ_SECTIONS];
  uint32_t sections;
  int32_t gliding;
} awake_list;

static void look_for_life(eq_band *band) {
  band->awake = 0;
  for (int i = 0; i < EQ_SECTIONS; i++) band->awake |= band->section[i].awake;
}

typedef struct {
  eq *state;
  const eq_coefs *coefs;
  int at;
} place;

static int32_t is_dynamic(const place *p) { return p->coefs->dynamics.works[p->at]; }

static const svf_coefs *wanted(const place *p, uint32_t section) {
  const eq_band_coefs *coefs = &p->coefs->band[p->at];
  if (section >= coefs->sections) return 0;
  return is_dynamic(p) ? &p->state->band[p->at].aim : &coefs->section[section];
}

/* The frames to go are those of the longest way: all sections that move take the same. */
static void aim_at(const place *p, uint32_t frames) {
  eq_band *band = &p->state->band[p->at];
  int32_t lanes = p->coefs->band[p->at].lanes;
  band->left_frames = 0;
  band->leaving = band->moving = 0;
  if (is_dynamic(p)) band->aim = eq_dynamics_section(&p->state->dynamics, &p->coefs->dynamics, p->at);
  uint32_t sections = band->awake ? EQ_SECTIONS : p->coefs->band[p->at].sections;
  for (uint32_t i = 0; i < sections; i++)
    if (cascade_aim(&band->section[i], wanted(p, i), lanes, frames)) band->left_frames = frames;
  look_for_life(band);
}

static void leave(eq_band *band, uint32_t frames) {
  band->leaving = 1;
  band->moving = 0;
  band->left_frames = frames / 2;
  band->return_frames = frames - frames / 2;
  for (int i = 0; i < EQ_SECTIONS; i++) cascade_aim(&band->section[i], 0, LANE_BOTH, band->left_frames);
}

static void become(const place *p, uint32_t frames) {
  eq_band *band = &p->state->band[p->at];
  band->type = p->coefs->band[p->at].type;
  band->mid_side = p->coefs->band[p->at].mid_side;
  aim_at(p, frames);
}

static void follow_band(const place *p, uint32_t frames) {
  eq_band *band = &p->state->band[p->at];
  const eq_band_coefs *coefs = &p->coefs->band[p->at];
  int32_t same = band->type == coefs->type && band->mid_side == coefs->mid_side;
  if (!is_dynamic(p)) eq_dynamics_rest(&p->state->dynamics, p->at), p->state->offset_db[p->at] = 0;
  if (!band->awake) become(p, frames);
  else if (same || !coefs->sections) aim_at(p, frames);
  else leave(band, frames);
}

/* Fresh from reset at once; later never in one step. */
static void follow(eq *state, const eq_coefs *coefs) {
  uint32_t frames = coefs->change.ramp_frames > coefs->least_ramp_frames ? coefs->change.ramp_frames : coefs->least_ramp_frames;
  for (int i = 0; i < EQ_BANDS; i++) follow_band(&(place){state, coefs, i}, state->serial ? frames : 0);
  state->serial = coefs->change.serial;
}

static void arrive(const place *p) {
  eq_band *band = &p->state->band[p->at];
  int32_t lanes = p->coefs->band[p->at].lanes;
  for (uint32_t i = 0; i < EQ_SECTIONS; i++) cascade_land(&band->section[i], band->leaving ? 0 : wanted(p, i), lanes);
  if (band->leaving) become(p, band->return_frames);
  else look_for_life(band);
}

/* A dynamic band's next stretch of line: within a tick, or within what is left of a change. */
static void move_on(const place *p) {
  eq_band *band = &p->state->band[p->at];
  const eq_dynamics_coefs *dynamics = &p->coefs->dynamics;
  int32_t lanes = p->coefs->band[p->at].lanes;
  p->state->offset_db[p->at] = eq_dynamics_offset_db(&p->state->dynamics, dynamics, p->at);
  if (band->leaving) return;
  if (band->moving) cascade_land(&band->section[0], &band->aim, lanes);
  band->aim = eq_dynamics_section(&p->state->dynamics, dynamics, p->at);
  uint32_t frames =
      cascade_aim(&band->section[0], &band->aim, lanes, band->left_frames ? band->left_frames : dynamics->tick_frames);
  band->moving = !band->left_frames && frames;
  look_for_life(band);
}

static void move_all(eq *state, const eq_coefs *coefs) {
  for (int i = 0; i < EQ_BANDS; i++)
    if (coefs->dynamics.works[i]) move_on(&(place){state, coefs, i});
}

static int32_t is_any_moving(const eq *state) {
  int32_t moving = 0;
  for (int i = 0; i < EQ_BANDS; i++) moving |= state->band[i].moving;
  return moving;
}

/* Hears the coming frames, up to the end of the first tick at which any band moves: returns how many, and whether that is so. */
static uint32_t listen_ahead(eq *state, const eq_coefs *coefs, const double *left, const double *right, uint32_t frames,
                             int32_t *moves) {
  eq_dynamics *dynamics = &state->dynamics;
  uint32_t heard = 0;
  for (*moves = 0; heard < frames && !*moves;) {
    uint32_t n = ramp_span(coefs->dynamics.tick_frames - dynamics->into_tick_frames, frames - heard);
    eq_dynamics_listen(dynamics, &coefs->dynamics, left + heard, right + heard, n);
    heard += n;
    if ((dynamics->into_tick_frames += n) == coefs->dynamics.tick_frames)
      *moves = eq_dynamics_tick(dynamics, &coefs->dynamics) || is_any_moving(state);
  }
  return heard;
}

static void count_ticks(eq_dynamics *dynamics, const eq_dynamics_coefs *coefs, uint32_t frames) {
  dynamics->into_tick_frames = (dynamics->into_tick_frames + frames) % coefs->tick_frames;
}

static uint32_t next_stretch(const eq *state, uint32_t frames) {
  if (frames > STRETCH_FRAMES) frames = STRETCH_FRAMES;
  frames = quiet_span(state->clock_frames, frames);
  for (int i = 0; i < EQ_BANDS; i++) frames = ramp_span(state->band[i].left_frames, frames);
  return frames;
}

static void pass(eq *state, const eq_coefs *coefs, uint32_t frames) {
  for (int i = 0; i < EQ_BANDS; i++) {
    eq_band *band = &state->band[i];
    if (band->left_frames && !(band->left_frames -= frames)) arrive(&(place){state, coefs, i});
  }
}

/* Bands from *at on, as far as their lanes mean the same; returns whether these are mid and side. */
static int32_t gather_awake(eq *state, int *at, awake_list *list) {
  int32_t mid_side = 0;
  *list = (awake_list){.sections = 0};
  for (; *at < EQ_BANDS; ++*at) {
    eq_band *band = &state->band[*at];
    if (!band->awake) continue;
    if (list->sections && band->mid_side != mid_side) break;
    mid_side = band->mid_side;
    list->gliding |= band->left_frames || band->moving;
    for (int i = 0; i < EQ_SECTIONS; i++)
      if (band->section[i].awake) list->section[list->sections++] = &band->section[i];
  }
  return mid_side;
}

static void to_mid_side(double *left, double *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double mid = (left[n] + right[n]) / 2, side = (left[n] - right[n]) / 2;
    left[n] = mid, right[n] = side;
  }
}

static void to_left_right(double *mid, double *side, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double left = mid[n] + side[n], right = mid[n] - side[n];
    mid[n] = left, side[n] = right;
  }
}

static void process_stretch(eq *state, double *left, double *right, uint32_t frames) {
  awake_list list;
  for (int at = 0; at < EQ_BANDS;) {
    int32_t mid_side = gather_awake(state, &at, &list);
    if (!list.sections) return;
    if (mid_side) to_mid_side(left, right, frames);
    cascade_process(list.section, list.sections, list.gliding, left, right, frames);
    if (mid_side) to_left_right(left, right, frames);
  }
}

static void heal(eq_band *band) {
  for (int i = 0; i < EQ_SECTIONS; i++)
    if (!cascade_is_sane(&band->section[i])) cascade_clear(&band->section[i]);
}

static void quieten(eq *state) {
  for (int i = 0; i < EQ_BANDS; i++)
    for (int k = 0; k < EQ_SECTIONS; k++)
      if (state->band[i].section[k].awake) cascade_quieten(&state->band[i].section[k]);
}

void eq_reset(eq *state) { *state = (eq){0}; }

void eq_process(eq *state, const eq_coefs *coefs, double *left, double *right, uint32_t frames) {
  if (state->serial != coefs->change.serial) follow(state, coefs);
  while (frames) {
    int32_t moves = 0;
    uint32_t n = next_stretch(state, frames);
    if (coefs->dynamics.any) n = listen_ahead(state, coefs, left, right, n, &moves);
    else count_ticks(&state->dynamics, &coefs->dynamics, n);
    process_stretch(state, left, right, n);
    pass(state, coefs, n);
    if (moves) move_all(state, coefs);
    if (quiet_is_due(state->clock_frames += n)) quieten(state);
    left += n, right += n, frames -= n;
  }
  for (int i = 0; i < EQ_BANDS; i++)
    if (state->band[i].awake) heal(&state->band[i]);
}
