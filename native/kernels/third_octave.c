#include "third_octave.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "oversample.h"
#include "quiet.h"
#include "vec.h"

typedef double bands __attribute__((vector_size(32), aligned(8), may_alias));

enum { BANDS_AT_ONCE = 4 };
enum { LANES_OF_BANDS = THIRD_OCTAVE_LANES, PAST = THIRD_OCTAVE_PAST_FRAMES, CHUNK = THIRD_OCTAVE_CHUNK_FRAMES };
static const double PI = 3.14159265358979323846;
static const double DOUBLED_BELOW_HZ = 80000, LOUDEST = 1e4;
static const double NONE_DB = -200;

double third_octave_mid_hz(int32_t band) { return 1000 * pow(10, (band + THIRD_OCTAVE_LOWEST) / 10.0); }

/* Ratio of the band's edges to its middle, for an ideal noise bandwidth. */
static double edge_ratio(void) {
  double ideal = pow(10, 0.05), width = (ideal - 1 / ideal) * sin(PI / 6) / (PI / 6);
  return (width + sqrt(width * width + 4)) / 2;
}

/* One resonance: the pole pair of the analogue band-pass, in units of tan(pi f / rate). */
static void design_section(third_octave_section *section, int band, double complex pole) {
  double g = cabs(pole), k = -2 * creal(pole) / g;
  section->a1[band] = 1 / (1 + g * (g + k));
  section->a2[band] = g * section->a1[band];
  section->a3[band] = g * section->a2[band];
  section->gain[band] = k;
}

/* |H| of g k s / (s^2 + g k s + g^2) on the imaginary axis. */
static double section_gain(double complex pole, double at) {
  double g = cabs(pole), k = -2 * creal(pole) / g;
  double complex slope = g * k * at * (double complex)I;
  return cabs(slope / (g * g - at * at + slope));
}

static void design_band(third_octave_coefs *coefs, int band, double rate_hz) {
  double mid_hz = third_octave_mid_hz(band), ratio = edge_ratio();
  double low = tan(PI * mid_hz / ratio / rate_hz), high = tan(PI * mid_hz * ratio / rate_hz), gain = 1;
  double width = high - low, middle = sqrt(high * low);
  double complex prototype = cexp(2 * PI / 3 * (double complex)I),
                 half = prototype * width / 2; /* of the third-order low-pass; its others: -1, conjugate */
  double complex spread = csqrt(half * half - middle * middle), single = -width / 2;
  double complex pole[THIRD_OCTAVE_SECTIONS] = {half + spread, half - spread, single + csqrt(single * single - middle * middle)};
  for (int s = 0; s < THIRD_OCTAVE_SECTIONS; s++) {
    design_section(&coefs->section[s], band, pole[s]);
    gain *= section_gain(pole[s], tan(PI * mid_hz / rate_hz));
  }
  coefs->section[0].gain[band] /= gain;
}

void third_octave_design(third_octave_coefs *coefs, double sample_rate_hz, double averaging_s) {
  memset(coefs, 0, sizeof *coefs);
  coefs->doubled = sample_rate_hz < DOUBLED_BELOW_HZ;
  double rate_hz = coefs->doubled ? 2 * sample_rate_hz : sample_rate_hz;
  coefs->share = -expm1(-1 / (averaging_s * rate_hz));
  for (int band = 0; band < THIRD_OCTAVE_BANDS; band++) design_band(coefs, band, rate_hz);
  detector_design(&coefs->interpolation);
}

void third_octave_reset(third_octave *state) { memset(state, 0, sizeof *state); }

/* Four bands at a time, their memory in registers over a whole chunk. */
#define BANDS(of) (*(bands *)(void *)(of))
#define BANDS_OF(of) (*(const bands *)(const void *)(of))

typedef struct {
  bands a1, a2, a3, gain, one, two;
} section_state;

static inline __attribute__((always_inline)) void section_step(section_state *s, bands *x) {
  bands v3 = *x - s->two, v1 = s->a1 * s->one + s->a2 * v3, v2 = s->two + s->a2 * s->one + s->a3 * v3;
  s->one = 2 * v1 - s->one;
  s->two = 2 * v2 - s->two;
  *x = s->gain * v1;
}

static inline void section_load(section_state *s, const third_octave_section *k, double memory[2][LANES_OF_BANDS], int band) {
  s->a1 = BANDS_OF(k->a1 + band), s->a2 = BANDS_OF(k->a2 + band), s->a3 = BANDS_OF(k->a3 + band);
  s->gain = BANDS_OF(k->gain + band);
  s->one = BANDS(memory[0] + band), s->two = BANDS(memory[1] + band);
}

static inline void section_store(const section_state *s, double memory[2][LANES_OF_BANDS], int band) {
  BANDS(memory[0] + band) = s->one;
  BANDS(memory[1] + band) = s->two;
}

VECTORISED static void filter(third_octave_channel *c, const third_octave_coefs *coefs, const double *samples, uint32_t count) {
  for (int band = 0; band < LANES_OF_BANDS; band += BANDS_AT_ONCE) {
    section_state one, two, three;
    section_load(&one, &coefs->section[0], c->memory[0], band);
    section_load(&two, &coefs->section[1], c->memory[1], band);
    section_load(&three, &coefs->section[2], c->memory[2], band);
    bands mean = BANDS(c->mean + band);
    for (uint32_t n = 0; n < count; n++) {
      bands x = samples[n] + (bands){0};
      section_step(&one, &x), section_step(&two, &x), section_step(&three, &x);
      mean += coefs->share * (x * x - mean);
    }
    section_store(&one, c->memory[0], band), section_store(&two, c->memory[1], band), section_store(&three, c->memory[2], band);
    BANDS(c->mean + band) = mean;
  }
}

/* Each frame 64 frames late, then the point in the middle between it and the next. */
VECTORISED static void double_rate(const third_octave_channel *c, const third_octave_coefs *coefs, double *doubled,
                                   uint32_t frames) {
  float midpoint[CHUNK];
  const float *at = c->sample + PAST - DETECTOR_PAIRS;
  for (uint32_t n = 0; n < frames; n += OVERSAMPLE_GROUP)
    oversample_midpoints(midpoint + n, at + n, coefs->interpolation.midpoint, DETECTOR_PAIRS);
  for (uint32_t n = 0; n < frames; n++) doubled[2 * n] = (double)at[n], doubled[2 * n + 1] = (double)midpoint[n];
}

static void filter_chunk(third_octave_channel *c, const third_octave_coefs *coefs, uint32_t frames) {
  double samples[2 * CHUNK];
  if (coefs->doubled) double_rate(c, coefs, samples, frames);
  else
    for (uint32_t n = 0; n < frames; n++) samples[n] = (double)c->sample[PAST + n];
  filter(c, coefs, samples, coefs->doubled ? 2 * frames : frames);
}

static void process_channel(third_octave_channel *c, const third_octave_coefs *coefs, const float *first, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    float sample = first[2 * n];
    c->sample[PAST + n] = fabs((double)sample) <= LOUDEST ? sample : 0;
  }
  filter_chunk(c, coefs, frames);
  memmove(c->sample, c->sample + frames, PAST * sizeof *c->sample);
  quiet_all(&c->memory[0][0][0], sizeof c->memory / sizeof(double));
}

void third_octave_process(third_octave *state, const third_octave_coefs *coefs, const float *pairs, uint32_t frames) {
  while (frames) {
    uint32_t now = frames < CHUNK ? frames : CHUNK;
    for (int side = 0; side < 2; side++) process_channel(&state->channel[side], coefs, pairs + side, now);
    double kept = pow(1 - coefs->share, (coefs->doubled ? 2 : 1) * (double)now);
    state->weight = 1 - kept * (1 - state->weight);
    pairs += 2 * (size_t)now, frames -= now;
  }
}

static void read_channel(const third_octave *state, int side, double *dbfs) {
  for (int band = 0; band < THIRD_OCTAVE_BANDS; band++) {
    double mean = state->weight > 0 ? state->channel[side].mean[band] / state->weight : 0;
    double level = mean > 0 ? 10 * log10(mean) : NONE_DB;
    dbfs[band] = level > NONE_DB ? level : NONE_DB;
  }
}

void third_octave_read(const third_octave *state, double *left_dbfs, double *right_dbfs) {
  read_channel(state, 0, left_dbfs);
  read_channel(state, 1, right_dbfs);
}
