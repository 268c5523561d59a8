#include "generator.h"

#include <math.h>

#include "ramp.h"
#include "random.h"

enum { POLES = GENERATOR_POLES, SETTINGS = sizeof(generator_settings) / sizeof(double) };
static const uint64_t SEED = 2095; /* any: it only has to be the same for ever */

void generator_reset(generator *state) { *state = (generator){.now = {.programme = 1}, .counter = random_start(SEED, 0)}; }

static void follow(generator *state, const generator_coefs *coefs) {
  if (coefs->change.serial == state->serial) return;
  const generator_settings *settings = &coefs->settings;
  if (state->now.tone == 0) state->now.turns_per_frame = settings->turns_per_frame, state->phase = 0; /* nobody hears it jump */
  uint32_t frames = state->serial ? coefs->change.ramp_frames : 0;
  state->ramp_left_frames = ramp_aim(&state->now.programme, &state->step.programme, &settings->programme, SETTINGS, frames);
  state->serial = coefs->change.serial;
}

/* sin(2 pi turns), |turns| <= 1/4: the Taylor series to the 19th power. */
static inline double sine_of_quarter(double turns) {
  static const double c[] = {6.283185307179586,   -41.341702240399755,  81.60524927607504,  -76.70585975306136,
                             42.058693944897655,  -15.094642576822984,  3.8199525848482803, -0.71812230177850016,
                             0.10422916220813978, -0.012031585942120622};
  double square = turns * turns, p = c[9];
  for (int k = 8; k >= 0; k--) p = p * square + c[k];
  return p * turns;
}

static inline double sine_of(uint64_t phase) {
  double turns = (double)(int64_t)phase * 0x1p-64; /* -1/2 .. 1/2 */
  double size = fabs(turns), folded = size > 0.25 ? 0.5 - size : size;
  return sine_of_quarter(turns < 0 ? -folded : folded);
}

static inline double next_tone(generator *state) {
  double tone = sine_of(state->phase);
  state->phase += (uint64_t)(state->now.turns_per_frame * 0x1p64);
  return tone;
}

static inline double next_pink(generator *state, const generator_coefs *coefs) {
  double white = random_triangular(&state->counter) - 1, sum = coefs->direct * white, part[POLES];
  for (int k = 0; k < POLES; k++) {
    state->memory[k] = state->memory[k] * coefs->pole[k] + white;
    part[k] = state->memory[k] * coefs->share[k];
  }
  for (int k = 0; k < POLES; k++) sum += part[k];
  return sum;
}

static inline void walk(generator *state, const generator_coefs *coefs) {
  if (!state->ramp_left_frames) return;
  ramp_advance(&state->now.programme, &state->step.programme, SETTINGS);
  if (!--state->ramp_left_frames) ramp_land(&state->now.programme, &state->step.programme, &coefs->settings.programme, SETTINGS);
}

void generator_process(generator *state, const generator_coefs *coefs, double *left, double *right, uint32_t frames) {
  follow(state, coefs);
  if (!state->ramp_left_frames && state->now.programme == 1) return;
  for (uint32_t n = 0; n < frames; n++) {
    walk(state, coefs);
    double programme = state->now.programme, signal = 0;
    if (state->now.tone != 0) signal = state->now.tone * next_tone(state);
    if (state->now.pink != 0) signal += state->now.pink * next_pink(state, coefs);
    left[n] = programme != 0 ? programme * left[n] + signal : signal; /* of a silent programme not even a NaN is heard */
    right[n] = programme != 0 ? programme * right[n] + signal : signal;
  }
}
