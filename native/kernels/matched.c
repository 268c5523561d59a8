#include "matched.h"

#include "matched_fit.h"

static void from_poles(section *s, double one_minus2, double one_plus2, double one_minus_product) {
  s->g = sqrt(one_minus2 / one_plus2);
  s->k = 2 * one_minus_product / sqrt(one_minus2 * one_plus2);
}

static void place_pair(section *s, double w, double damping) {
  double radius = exp(-damping * w), angle = w * sqrt(1 - square(damping));
  double inward2 = square(expm1(-damping * w));
  from_poles(s, inward2 + 4 * radius * square(sin(angle / 2)), inward2 + 4 * radius * square(cos(angle / 2)),
             -expm1(-2 * damping * w));
}

static void place_real(section *s, double fast, double slow) {
  from_poles(s, expm1(-fast) * expm1(-slow), (1 + exp(-fast)) * (1 + exp(-slow)), -expm1(-fast - slow));
}

/* Matched z. A first-order prototype has its second pole at z = 0, where it only delays: the fit may use its zero. */
static void place_poles(section *s, const analog_section *a, double w0) {
  const double *d = a->denominator;
  if (d[2] == 0) {
    place_real(s, HUGE_VAL, w0 * d[0] / d[1]);
    return;
  }
  double w = w0 * sqrt(d[0] / d[2]), damping = d[1] / (2 * sqrt(d[0] * d[2]));
  if (damping < 1) {
    place_pair(s, w, damping);
  } else {
    double sum = damping + sqrt(square(damping) - 1);
    place_real(s, w * sum, w / sum);
  }
}

static int32_t fit_zeros(section *s, const goal *to) {
  s->low = to->analog->numerator[0] / to->analog->denominator[0];
  if (!fit_numerator(s, to)) return 0;
  int32_t warped = to->frequency_hz > 0.002 * to->sample_rate_hz, damped = to->analog->denominator[1] > 0;
  if (warped && damped && !to->corner) fit_all(s, to);
  return 1;
}

/* t^2 / (low + band t + high t^2), as exact towards 0 Hz as the others are at 0 Hz. */
static int32_t fit_high_pass(section *s, const goal *to) {
  s->low = square(PI * to->frequency_hz / to->sample_rate_hz / s->g);
  if (!fit_numerator(s, to) || !invert(s)) return 0;
  s->low = s->band = 0;
  return 1;
}

static int32_t fit_section(section *s, const goal *to) {
  place_poles(s, to->analog, 2 * PI * to->frequency_hz / to->sample_rate_hz);
  return is_high_pass(to->analog) ? fit_high_pass(s, to) : fit_zeros(s, to);
}

/* Vicanek's closed form: exact gain at 0 Hz, exact gain and slope at frequency_hz. */
static int32_t close_zeros(section *s, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  double w0 = 2 * PI * frequency_hz / sample_rate_hz, half = tan(w0 / 2);
  place_poles(s, analog, w0);
  s->low = analog->numerator[0] / analog->denominator[0];
  double tau = square(half / s->g), per_u = half * (1 + half * half) * w0 / 2 / square(s->g); /* d tau / d (f/f0)^2 */
  double over = magnitude2(analog->denominator, 1), gain2 = analog_gain2(analog, 1);
  double gain2_slope = (slope2(analog->numerator, 1) - gain2 * slope2(analog->denominator, 1)) / over / per_u;
  double poles = square(1 - tau) + square(s->k) * tau, poles_slope = square(s->k) - 2 * (1 - tau);
  double wanted = gain2 * poles, wanted_slope = gain2_slope * poles + gain2 * poles_slope;
  double high2 = (wanted_slope - (wanted - square(s->low)) / tau) / tau;
  return take_numerator(s, wanted_slope - 2 * high2 * tau, high2);
}

int32_t matched_vicanek(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  section s;
  if (!close_zeros(&s, analog, frequency_hz, sample_rate_hz)) return 0;
  put(svf, &s);
  return 1;
}

/* First-order prototypes are carried by a pole and a zero that cancel: both sides times 1 + s. */
static analog_section second_order(const analog_section *a) {
  const double *n = a->numerator, *d = a->denominator;
  if (d[2] > 0) return *a;
  return (analog_section){{n[0], n[0] + n[1], n[1]}, {d[0], d[0] + d[1], d[1]}};
}

void matched_bilinear(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  analog_section a = second_order(analog);
  const double *n = a.numerator, *d = a.denominator, even = sqrt(d[0] * d[2]);
  section s = {tan(PI * frequency_hz / sample_rate_hz) * sqrt(d[0] / d[2]), d[1] / even, n[0] / d[0], n[1] / even, n[2] / d[2]};
  put(svf, &s);
}

void matched_design(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz, int32_t way) {
  section s;
  int32_t turned = way == MATCHED_POLES;
  analog_section upside_down = reciprocal(analog);
  goal to = {turned ? &upside_down : analog, frequency_hz, sample_rate_hz, way == MATCHED_CORNER};
  int32_t fitted = fit_section(&s, &to) || close_zeros(&s, to.analog, frequency_hz, sample_rate_hz);
  if (fitted && (!turned || invert(&s))) put(svf, &s);
  else matched_bilinear(svf, analog, frequency_hz, sample_rate_hz);
}

void matched_high_pass(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  section s = {.low = 0};
  place_poles(&s, analog, 2 * PI * frequency_hz / sample_rate_hz);
  double tau = t2(frequency_hz, s.g, sample_rate_hz);
  s.high = sqrt(analog_gain2(analog, 1) * poles2(s.k, tau)) / tau;
  put(svf, &s);
}
