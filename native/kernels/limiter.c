#include "limiter.h"

#include <math.h>

#include "box.h"
#include "decibel.h"
#include "delay_line.h"
#include "sliding_max.h"
#include "vec.h"

enum { BLOCK = WINDOW_BLOCK_FRAMES, DELAY = DETECTOR_DELAY_FRAMES };
_Static_assert((int)WINDOW_BLOCK_FRAMES <= (int)DETECTOR_BLOCK_FRAMES, "the detector takes the limiter's blocks");

static const double MARGIN_DB = 0.05;          /* what a 4x detector may miss, and the gain's own slope */
/* Samples up to 64 frames from a peak ring into it and are reduced less than it is; the short look-ahead's gain is steep enough to
 * feel that. So it reduces a little more, in proportion: 0.05 dB at 12 dB. The factor of both covers the rounding of log2. */
static const double DEEPER = 1.00000036, DEEPER_LOW_LATENCY = 1.004;
static const double LONGEST_HOLD_SECONDS = 0.05;
static const double LOUDEST = 0x1p20; /* above +120 dBFS a sample is a fault, not a signal */
static const double AT_REST_OCTAVES = 1e-6; /* a release ends here, and the gain is 1 again */
static const double ONE = 0x1p36; /* fixed point of the boxes: 2^36 times the product of their lengths < 2^62 */

/* Shares of what the operator sets. Denser means: what is short returns sooner. Bass is held apart, or it would distort. */
static const struct {
  double hold, release, release_slow;
  int32_t bass;
} MODES[] = {
    [LIMITER_TRANSPARENT] = {1, 1, 1, 0},
    [LIMITER_BALANCED] = {0.3, 0.5, 0.7, 1},
    [LIMITER_LOUD] = {0, 0.2, 0.4, 1},
};

/* ---- design ---- */

static uint32_t lookahead_frames(const stream_format *format) {
  return (uint32_t)lround((format->latency == LATENCY_LOW ? 0.0015 : 0.005) * format->sample_rate_hz);
}

uint32_t limiter_latency_frames(const stream_format *format) { return lookahead_frames(format) + DELAY; }

static double linear(double level_db) { return pow(10, level_db / 20); }

static double keep_per_frame(double time_ms, double sample_rate_hz) { return exp(-1000 / (time_ms * sample_rate_hz)); }

/* Three boxes of total support look-ahead + 1, in the ratio with the least side lobes. */
static void split_boxes(uint32_t frames[3], uint32_t lookahead) {
  frames[0] = (uint32_t)lround(0.4041 * lookahead) + 1;
  frames[1] = (uint32_t)lround(0.3349 * lookahead) + 1;
  frames[2] = lookahead + 3 - frames[0] - frames[1];
}

void limiter_design(limiter_coefs *coefs, const limiter_params *params, const stream_format *format) {
  double rate = format->sample_rate_hz, hold_frames = params->hold_ms / 1000 * rate;
  uint32_t lookahead = lookahead_frames(format), hold = (uint32_t)lround(hold_frames * MODES[params->mode].hold);
  *coefs = (limiter_coefs){.drive = params->drive_db == 0 ? 1 : linear(params->drive_db),
                           .ceiling = linear(params->ceiling_dbtp - MARGIN_DB),
                           .deeper = (float)(format->latency == LATENCY_LOW ? DEEPER_LOW_LATENCY : DEEPER),
                           .fast_keep = keep_per_frame(params->release_ms * MODES[params->mode].release, rate),
                           .slow_keep = keep_per_frame(params->release_slow_ms * MODES[params->mode].release_slow, rate),
                           .lookahead_frames = lookahead,
                           .window_frames = lookahead + 1 + hold,
                           .levels = sliding_levels(lookahead + 1 + (uint32_t)lround(LONGEST_HOLD_SECONDS * rate))};
  split_boxes(coefs->box_frames, lookahead);
  detector_design(&coefs->detector);
  bass_hold_design(&coefs->bass, MODES[params->mode].bass, lookahead + 1 + (uint32_t)lround(hold_frames), rate);
}

void limiter_reset(limiter *state) {
  *state = (limiter){0};
  for (uint32_t n = 0; n < DELAY_FRAMES + BLOCK; n++) state->allowed.ring[n] = 1;
}

/* ---- ramps ---- */

static void ramp_towards(limiter_ramp *ramp, double target, uint32_t left_frames, uint32_t frames) {
  double now = ramp->target - ramp->step * left_frames;
  *ramp = (limiter_ramp){target, frames ? (target - now) / frames : 0};
}

static void follow(limiter *state, const limiter_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  if (!state->serial) /* the detector hears the first frame before it arrives */
    for (uint32_t n = 0; n < DELAY; n++) state->ceilings[n] = (float)coefs->ceiling;
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  ramp_towards(&state->drive, coefs->drive, state->ramp_left_frames, frames);
  ramp_towards(&state->ceiling, coefs->ceiling, state->ramp_left_frames, frames);
  state->ramp_left_frames = frames;
  if (coefs->bass.on && !state->bass_heard) bass_hold_reset(&state->bass);
  state->bass_heard = coefs->bass.on;
  state->serial = coefs->change.serial;
}

static inline double ramp_at(const limiter_ramp *ramp, uint32_t left_frames, uint32_t n) {
  return ramp->target - ramp->step * (double)(int32_t)(left_frames > n + 1 ? left_frames - n - 1 : 0);
}

/* ---- one block, step by step; none crosses a multiple of BLOCK frames ---- */

VECTORISED static void enter(limiter *state, double *samples, delay_line *audio, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double x = samples[n] * ramp_at(&state->drive, state->ramp_left_frames, n);
    samples[n] = fabs(x) < LOUDEST ? x : 0;
  }
  delay_line_write(audio, state->frame, samples, frames);
}

VECTORISED static void enter_ceiling(limiter *state, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) state->ceilings[DELAY + n] = (float)ramp_at(&state->ceiling, state->ramp_left_frames, n);
}

static void detect(limiter *state, const limiter_coefs *coefs, const double *left, const double *right, float *peak,
                   uint32_t frames) {
  float other[BLOCK];
  detector_process(&state->detector[0], &coefs->detector, left, peak, frames);
  detector_process(&state->detector[1], &coefs->detector, right, other, frames);
  for (uint32_t n = 0; n < frames; n++) peak[n] = peak[n] > other[n] ? peak[n] : other[n];
}

/* Octaves and gain for every frame that comes out of the detector. What log2, exp2 and the end of the release may miss is added. */
VECTORISED static void require(limiter *state, const limiter_coefs *coefs, const float *peak, float *octaves, uint32_t frames) {
  double allowed[BLOCK];
  for (uint32_t n = 0; n < frames; n++) {
    float ceiling = state->ceilings[n], excess = peak[n] > ceiling ? peak[n] / ceiling : 1;
    octaves[n] = peak[n] > ceiling ? octaves_above_one(excess) * coefs->deeper + 3e-6f : 0;
    allowed[n] = 1 / (double)excess;
  }
  delay_line_write(&state->allowed, state->frame, allowed, frames);
  memmove(state->ceilings, state->ceilings + frames, DELAY * sizeof(float));
}

VECTORISED static void hold(limiter *state, const limiter_coefs *coefs, float *octaves, float *held, float *sustained,
                            uint32_t frames) {
  sliding_push(&state->required, coefs->levels, state->frame, octaves, frames);
  sliding_read(&state->required, coefs->window_frames, state->frame, held, frames);
  sliding_read(&state->required, coefs->lookahead_frames + 1, state->frame, sustained, frames);
}

/* Before the detector's delay: the low-pass needs about as long. */
static void hold_bass(limiter *state, const limiter_coefs *coefs, const double *left, const double *right, float *bass,
                      uint32_t frames) {
  if (coefs->bass.on) bass_hold_process(&state->bass, &coefs->bass, left, right, state->ceilings + DELAY, bass, frames);
  else memset(bass, 0, frames * sizeof *bass);
}

VECTORISED static void add_bass(const limiter_coefs *coefs, const float *bass, float *held, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    float octaves = bass[n] * coefs->deeper;
    held[n] = octaves > held[n] ? octaves : held[n];
  }
}

static void release(limiter *state, const limiter_coefs *coefs, const float *held, const float *sustained, double *octaves,
                    uint32_t frames) {
  double fast = state->fast, slow = state->slow, fast_keep = coefs->fast_keep, slow_keep = coefs->slow_keep;
  for (uint32_t n = 0; n < frames; n++) {
    double wanted = (double)held[n], kept = fast * fast_keep;
    fast = wanted > kept ? wanted : kept;
    slow = slow * slow_keep + (1 - slow_keep) * (double)sustained[n];
    octaves[n] = fast > slow ? fast : slow;
  }
  state->fast = fast > 1e-25 ? fast : 0;
  state->slow = slow > 1e-25 ? slow : 0;
}

VECTORISED static void to_gain(const double *octaves, double *gain, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    double rest = octaves[n] - AT_REST_OCTAVES;
    gain[n] = exp2_within_1000(rest > 0 ? -rest : 0);
  }
}

/* The boxes sum 1 - gain, rounded up: at rest there is nothing in them. */
static void smooth(limiter *state, const limiter_coefs *coefs, double *gain, uint32_t frames) {
  const uint32_t *length = coefs->box_frames;
  int64_t one = (int64_t)ONE, full = one * length[0] * length[1] * length[2];
  for (uint32_t n = 0; n < frames; n++) {
    int64_t sum = one - (int64_t)(gain[n] * ONE);
    for (int i = 0; i < 3; i++) sum = box_next(&state->boxes[i], length[i], state->frame + n, sum);
    gain[n] = (double)(full - sum) / (double)full;
  }
}

/* Returns the smallest gain. The minimum with what each frame allows never acts: it guards the one promise this kernel makes. */
VECTORISED static double leave(const limiter *state, const limiter_coefs *coefs, const double *gain, double *left, double *right,
                               uint32_t frames) {
  uint32_t from = state->frame - coefs->lookahead_frames - DELAY;
  const double *x[2] = {delay_line_read(&state->audio[0], from), delay_line_read(&state->audio[1], from)};
  const double *allowed = delay_line_read(&state->allowed, state->frame - coefs->lookahead_frames);
  double smallest = 1;
  for (uint32_t n = 0; n < frames; n++) {
    double g = gain[n] < allowed[n] ? gain[n] : allowed[n];
    left[n] = x[0][n] * g;
    right[n] = x[1][n] * g;
    smallest = g < smallest ? g : smallest;
  }
  return smallest;
}

static void process_block(limiter *state, const limiter_coefs *coefs, double *left, double *right, uint32_t frames) {
  float peak[BLOCK], octaves[BLOCK], held[BLOCK], sustained[BLOCK], bass[BLOCK];
  double gain[BLOCK];
  enter(state, left, &state->audio[0], frames);
  enter(state, right, &state->audio[1], frames);
  enter_ceiling(state, frames);
  hold_bass(state, coefs, left, right, bass, frames);
  detect(state, coefs, left, right, peak, frames);
  require(state, coefs, peak, octaves, frames);
  hold(state, coefs, octaves, held, sustained, frames);
  add_bass(coefs, bass, held, frames);
  release(state, coefs, held, sustained, gain, frames);
  to_gain(gain, gain, frames);
  smooth(state, coefs, gain, frames);
  double reduction_db = -decibel_of_amplitude(leave(state, coefs, gain, left, right, frames));
  if (reduction_db > state->reduction_db) state->reduction_db = reduction_db;
  state->ramp_left_frames -= state->ramp_left_frames < frames ? state->ramp_left_frames : frames;
  state->frame += frames;
}

void limiter_process(limiter *state, const limiter_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  for (uint32_t done = 0; done < frames;) {
    uint32_t rest = frames - done, room = BLOCK - state->frame % BLOCK, some = rest < room ? rest : room;
    process_block(state, coefs, left + done, right + done, some);
    done += some;
  }
}
