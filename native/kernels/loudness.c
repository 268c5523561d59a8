#include "loudness.h"

#include <math.h>

#include "journal.h"
#include "quiet.h"

typedef double pair __attribute__((vector_size(16))); /* left, right */

static const double PI = 3.14159265358979323846;
static const double TABLE_RATE_HZ = 48000;
static const double LOUDEST = 1e8;  /* +80 dBFS: no programme */

/* Prototypes behind the table of BS.1770-5 Annex 1: at 48 kHz they give its coefficients to the last digit. */
static const double SHELF_HZ = 1681.974450955533, SHELF_Q = 0.7071752369554196, SHELF_DB = 3.999843853973347;
static const double SHELF_MIDDLE = 0.4996667741545416; /* exponent of the shelf's gain at its corner */
static const double HIGH_PASS_HZ = 38.13547087602444, HIGH_PASS_Q = 0.5003270373238773;

static void design_poles(loudness_stage *stage, double k, double q) {
  double a0 = 1 + k / q + k * k;
  stage->a[0] = 2 * (k * k - 1) / a0;
  stage->a[1] = (1 - k / q + k * k) / a0;
}

static void design_shelf(loudness_stage *stage, double sample_rate_hz) {
  double k = tan(PI * SHELF_HZ / sample_rate_hz), high = pow(10, SHELF_DB / 20), middle = pow(high, SHELF_MIDDLE);
  double a0 = 1 + k / SHELF_Q + k * k;
  design_poles(stage, k, SHELF_Q);
  stage->b[0] = (high + middle * k / SHELF_Q + k * k) / a0;
  stage->b[1] = 2 * (k * k - high) / a0;
  stage->b[2] = (high - middle * k / SHELF_Q + k * k) / a0;
}

/* Gain of [1 -2 1]/[1 a0 a1] at the Nyquist frequency: the table's numerator is not normalised. */
static double high_pass_gain(double sample_rate_hz) {
  loudness_stage stage;
  design_poles(&stage, tan(PI * HIGH_PASS_HZ / sample_rate_hz), HIGH_PASS_Q);
  return 4 / (1 - stage.a[0] + stage.a[1]);
}

static void design_high_pass(loudness_stage *stage, double sample_rate_hz) {
  double scale = high_pass_gain(TABLE_RATE_HZ) / high_pass_gain(sample_rate_hz);
  design_poles(stage, tan(PI * HIGH_PASS_HZ / sample_rate_hz), HIGH_PASS_Q);
  stage->b[0] = stage->b[2] = scale;
  stage->b[1] = -2 * scale;
}

void loudness_design(loudness_coefs *coefs, const stream_format *format) {
  *coefs = (loudness_coefs){.bin_frames = (uint32_t)lround(format->sample_rate_hz / 100)};
  design_shelf(&coefs->stage[0], format->sample_rate_hz);
  design_high_pass(&coefs->stage[1], format->sample_rate_hz);
}

static void forget(loudness *state) {
  for (int stage = 0; stage < 2; stage++)
    for (int delay = 0; delay < 2; delay++) state->memory[stage][delay][0] = state->memory[stage][delay][1] = 0;
}

void loudness_reset(loudness *state) {
  forget(state);
  state->energy[0] = state->energy[1] = state->sum_energy = 0;
  state->filled_frames = 0;
  __atomic_store_n(&state->written, 0, __ATOMIC_RELEASE);
}

static void post(loudness *state, double bin, double mono_bin) {
  __atomic_store(&state->mono_journal[state->written & (LOUDNESS_JOURNAL_BINS - 1)], &mono_bin, __ATOMIC_RELEASE);
  journal_post(state->journal, &state->written, LOUDNESS_JOURNAL_BINS, 1, &bin);
}

static void close_bin(loudness *state, uint32_t bin_frames) {
  double bin = (state->energy[0] + state->energy[1]) / bin_frames, mono_bin = 0.5 * state->sum_energy / bin_frames;
  int sane = bin <= LOUDEST; /* false for NaN */
  post(state, sane ? bin : 0, sane ? mono_bin : 0);
  if (sane) quiet_all(&state->memory[0][0][0], sizeof state->memory / sizeof(double));
  else forget(state);
  state->energy[0] = state->energy[1] = state->sum_energy = 0;
  state->filled_frames = 0;
}

static pair both(double value) { return (pair){value, value}; }
static pair load(const double *from) { return (pair){from[0], from[1]}; }
static void store(double *to, pair value) { to[0] = value[0], to[1] = value[1]; }

/* y = b0 x + p    p' = (b1 - a0 b0) x + q - a0 p    q' = (b2 - a1 b0) x - a1 p: the shortest way from frame to frame, a multiplication
 * and an addition. */
typedef struct {
  pair direct, first, second, back, further;
} stage_pairs;

static stage_pairs stage_for_both(const loudness_stage *s) {
  return (stage_pairs){both(s->b[0]), both(s->b[1] - s->a[0] * s->b[0]), both(s->b[2] - s->a[1] * s->b[0]), both(s->a[0]),
                       both(s->a[1])};
}

static inline pair through(const stage_pairs *s, pair memory[2], pair x) {
  pair y = s->direct * x + memory[0], p = memory[0];
  memory[0] = (s->first * x + memory[1]) - s->back * p;
  memory[1] = s->second * x - s->further * p;
  return y;
}

static void weigh(loudness *state, const loudness_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  const stage_pairs one = stage_for_both(&coefs->stage[0]), two = stage_for_both(&coefs->stage[1]);
  pair memory[2][2], energy = load(state->energy);
  double sum_energy = state->sum_energy;
  for (int i = 0; i < 4; i++) memory[i / 2][i % 2] = load(state->memory[i / 2][i % 2]);
  for (uint32_t n = 0; n < frames; n++) {
    pair z = through(&two, memory[1], through(&one, memory[0], (pair){left[n], right[n]}));
    double sum = z[0] + z[1];
    energy += z * z;
    sum_energy += sum * sum;
  }
  for (int i = 0; i < 4; i++) store(state->memory[i / 2][i % 2], memory[i / 2][i % 2]);
  store(state->energy, energy);
  state->sum_energy = sum_energy;
}

void loudness_process(loudness *state, const loudness_coefs *coefs, const double *left, const double *right, uint32_t frames) {
  while (frames) {
    uint32_t room = coefs->bin_frames - state->filled_frames, now = frames < room ? frames : room;
    weigh(state, coefs, left, right, now);
    left += now, right += now, frames -= now;
    state->filled_frames += now;
    if (state->filled_frames == coefs->bin_frames) close_bin(state, coefs->bin_frames);
  }
}

uint32_t loudness_collect(const loudness *state, uint64_t *from, double *bins, uint32_t most, uint64_t *lost) {
  return journal_collect(state->journal, &state->written, LOUDNESS_JOURNAL_BINS, 1, from, bins, most, lost);
}

uint32_t loudness_collect_mono(const loudness *state, uint64_t *from, double *bins, uint32_t most, uint64_t *lost) {
  return journal_collect(state->mono_journal, &state->written, LOUDNESS_JOURNAL_BINS, 1, from, bins, most, lost);
}
