/* matched_section.h - a section on its way from prototype to coefficients: see matched.h for the law. Not bound. */
#pragma once
#include <math.h>

#include "matched.h"

#define PI 3.14159265358979323846

/* H(t) = (low + band t + high t^2) / (1 + k t + t^2),  t = j tan(pi f/fs) / g */
typedef struct {
  double g, k, low, band, high;
} section;

static inline double square(double x) { return x * x; }

/* |c0 + c1 s + c2 s^2|^2 at s = j sqrt(u) */
static inline double magnitude2(const double c[3], double u) { return square(c[0] - c[2] * u) + square(c[1]) * u; }
static inline double slope2(const double c[3], double u) { return -2 * c[2] * (c[0] - c[2] * u) + square(c[1]); }

static inline double analog_gain2(const analog_section *a, double u) {
  return magnitude2(a->numerator, u) / magnitude2(a->denominator, u);
}

static inline analog_section reciprocal(const analog_section *a) {
  analog_section r;
  for (int i = 0; i < 3; i++) r.numerator[i] = a->denominator[i], r.denominator[i] = a->numerator[i];
  return r;
}

/* The section 1/H: zeros become poles, and t is scaled so that the new denominator is again 1 + k t + t^2. */
static inline int32_t invert(section *s) {
  if (!(s->low > 0 && s->high > 0 && s->band > 0)) return 0;
  double scale = sqrt(s->low / s->high), even = sqrt(s->low * s->high);
  *s = (section){s->g * scale, s->band / even, 1 / s->low, s->k / even, 1 / s->high};
  return 1;
}

static inline void put(svf_coefs *svf, const section *s) {
  *svf = (svf_coefs){s->g, s->k, s->high, s->band - s->k * s->high, s->low - s->high};
}

/* |t|^2 at a frequency */
static inline double t2(double hz, double g, double sample_rate_hz) { return square(tan(PI * hz / sample_rate_hz) / g); }

static inline double poles2(double k, double tau) { return square(1 - tau) + square(k) * tau; }

/* From the squared magnitude back to the section, with its zeros not outside the unit circle. */
static inline int32_t take_numerator(section *s, double c, double high2) {
  if (!(high2 >= 0)) return 0;
  s->high = sqrt(high2);
  double band2 = c + 2 * s->low * s->high;
  if (!(band2 >= 0)) return 0;
  s->band = sqrt(band2);
  return isfinite(s->band) && isfinite(s->high);
}
