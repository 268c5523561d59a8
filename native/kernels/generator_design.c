/* generator_design.c - the pink filter: poles and zeros in turn, evenly spaced in log frequency, are a slope of -10 dB per decade; a zero
 * at 0 Hz over a pole at 3 Hz keeps the lowest frequencies out, and one zero on the negative axis sets the level at 20 kHz, where the
 * spectrum of a sampled filter would level off. */
#include <math.h>

#include "generator.h"

enum { POLES = GENERATOR_POLES };
static const double TURN = 6.283185307179586;
static const double LOWEST_HZ = 3, FIRST_HZ = 6, LAST_SHARE = 1.0; /* the last pole would be near the sample rate */
static const double AT_20_KHZ = 1.023; /* +0.1 dB: halves the sag that is left below it at 44.1 kHz */

static double matched(double hz, double rate) { return exp(-TURN * hz / rate); }

static void place(double *poles, double *zeros, double rate) {
  double ratio = pow(LAST_SHARE * rate / FIRST_HZ, 1 / (POLES - 1.5));
  poles[0] = matched(LOWEST_HZ, rate), zeros[0] = 1;
  for (int k = 1; k < POLES; k++) poles[k] = matched(FIRST_HZ * pow(ratio, k - 1), rate);
  for (int k = 1; k < POLES - 1; k++) zeros[k] = matched(FIRST_HZ * pow(ratio, k - 0.5), rate);
  zeros[POLES - 1] = 0;
}

/* |1 - a z^-1|^2 */
static double factor(double a, double cosine) { return 1 + a * a - 2 * a * cosine; }

static double power_at(const double *poles, const double *zeros, double cosine) {
  double power = 1;
  for (int k = 0; k < POLES; k++) power *= factor(zeros[k], cosine) / factor(poles[k], cosine);
  return power;
}

/* The zero that makes power times frequency at 20 kHz that of 1 kHz: p a^2 - q a + p = 0. */
static double last_zero(const double *poles, const double *zeros, double rate) {
  double low = cos(TURN * 1000 / rate), high = cos(TURN * 20000 / rate);
  double at_low = power_at(poles, zeros, low) * AT_20_KHZ, at_high = power_at(poles, zeros, high) * 20;
  double p = at_high - at_low, q = 2 * (at_high * high - at_low * low), root = sqrt(q * q - 4 * p * p);
  double a = (q + root) / (2 * p);
  return fabs(a) < 1 ? a : 1 / a;
}

/* H = direct + sum share / (1 - pole z^-1) */
static void split(generator_coefs *coefs, const double *zeros) {
  coefs->direct = 1;
  for (int k = 0; k < POLES; k++) coefs->direct *= zeros[k] / coefs->pole[k];
  for (int k = 0; k < POLES; k++) {
    double at = coefs->pole[k], share = 1;
    for (int j = 0; j < POLES; j++) share *= (at - zeros[j]) / (j == k ? at : at - coefs->pole[j]);
    coefs->share[k] = share;
  }
}

/* Power that white noise of power 1 has behind the filter. */
static double power_of(const generator_coefs *coefs) {
  double power = coefs->direct * coefs->direct;
  for (int i = 0; i < POLES; i++) {
    power += 2 * coefs->direct * coefs->share[i];
    for (int j = 0; j < POLES; j++) power += coefs->share[i] * coefs->share[j] / (1 - coefs->pole[i] * coefs->pole[j]);
  }
  return power;
}

static void design_pink(generator_coefs *coefs, double rate) {
  double zeros[POLES];
  place(coefs->pole, zeros, rate);
  zeros[POLES - 1] = last_zero(coefs->pole, zeros, rate);
  split(coefs, zeros);
  double unit = sqrt(6 / power_of(coefs)); /* a triangular sum has the variance 1/6 */
  coefs->direct *= unit;
  for (int k = 0; k < POLES; k++) coefs->share[k] *= unit;
}

void generator_design(generator_coefs *coefs, const generator_params *params, const stream_format *format) {
  double rate = format->sample_rate_hz, level = params->on ? pow(10, params->level_dbfs / 20) : 0;
  *coefs = (generator_coefs){.settings = {.programme = params->on ? 0 : 1,
                                          .tone = params->signal == GENERATOR_TONE ? level : 0,
                                          .pink = params->signal == GENERATOR_PINK ? level * sqrt(0.5) : 0,
                                          .turns_per_frame = params->frequency_hz / rate}};
  design_pink(coefs, rate);
}
