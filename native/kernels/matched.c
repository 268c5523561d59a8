#include "matched.h"

#include <math.h>

#define PI 3.14159265358979323846

enum { SPREAD_POINTS = 40, CLUSTER_POINTS = 7, MOST_POINTS = SPREAD_POINTS + 2 * CLUSTER_POINTS };
enum { REWEIGHTINGS = 12, REFINEMENTS = 5 };

typedef struct {
  double g, k, low, band, high;
} section;

/* One frequency of the fit: numerator (low^2 + c x + high^2 y) should be 1, all relative to |Ha|^2 |1 + k t + t^2|^2. */
typedef struct {
  double one, x, y, strictness, weight;
} fit_point;

typedef struct {
  const analog_section *analog;
  section *section;
  double frequency_hz, sample_rate_hz;
  fit_point point[MOST_POINTS];
  int count;
} fit;

static double square(double x) { return x * x; }

/* |c0 + c1 s + c2 s^2|^2 at s = j sqrt(u) */
static double magnitude2(const double c[3], double u) { return square(c[0] - c[2] * u) + square(c[1]) * u; }
static double slope2(const double c[3], double u) { return -2 * c[2] * (c[0] - c[2] * u) + square(c[1]); }

static double analog_gain2(const analog_section *a, double u) {
  return magnitude2(a->numerator, u) / magnitude2(a->denominator, u);
}

static analog_section reciprocal(const analog_section *a) {
  analog_section r;
  for (int i = 0; i < 3; i++) r.numerator[i] = a->denominator[i], r.denominator[i] = a->numerator[i];
  return r;
}

/* The section 1/H: zeros become poles, and t is scaled so that the new denominator is again 1 + k t + t^2. */
static int32_t invert(section *s) {
  if (!(s->low > 0 && s->high > 0 && s->band > 0)) return 0;
  double scale = sqrt(s->low / s->high), even = sqrt(s->low * s->high);
  *s = (section){s->g * scale, s->band / even, 1 / s->low, s->k / even, 1 / s->high};
  return 1;
}

static void put(svf_coefs *svf, const section *s) {
  *svf = (svf_coefs){s->g, s->k, s->high, s->band - s->k * s->high, s->low - s->high};
}

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
    place_real(s, INFINITY, w0 * d[0] / d[1]);
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

static double t2(const fit *f, double hz) { return square(tan(PI * hz / f->sample_rate_hz) / f->section->g); }

/* 1 up to 10 kHz, three times that at 20 kHz */
static double tolerance(double hz) { return hz <= 10000 ? 1 : pow(hz / 10000, 1.5849625); }

static void add_point(fit *f, double hz) {
  double tau = t2(f, hz);
  double wanted = analog_gain2(f->analog, square(hz / f->frequency_hz)) * (square(1 - tau) + square(f->section->k) * tau);
  if (!(wanted > 1e-30)) return;
  f->point[f->count++] = (fit_point){1 / wanted, tau / wanted, tau * tau / wanted, 1 / tolerance(hz), 1 / tolerance(hz)};
}

/* Around the resonance of a damped pair of roots, as close together as it is narrow. */
static void cluster_points(fit *f, const double c[3], double top) {
  if (!(c[0] > 0 && c[1] > 0 && c[2] > 0)) return;
  double at = f->frequency_hz * sqrt(c[0] / c[2]), width = fmin(c[1] / sqrt(c[0] * c[2]), 1);
  for (int i = 0; i < CLUSTER_POINTS; i++) {
    double hz = at * exp2((i - CLUSTER_POINTS / 2) * 0.5 * width);
    if (hz < top) add_point(f, hz);
  }
}

/* Log-spaced over what is heard, and closer where the prototype has its resonances. */
static void spread_points(fit *f) {
  double top = fmin(20500, 0.495 * f->sample_rate_hz), bottom = fmin(fmax(f->frequency_hz / 64, 1), top / 64);
  for (int i = 0; i < SPREAD_POINTS; i++) add_point(f, bottom * pow(top / bottom, i / (SPREAD_POINTS - 1.0)));
  cluster_points(f, f->analog->denominator, top);
  cluster_points(f, f->analog->numerator, top);
}

/* c and high^2 of least weighted squares */
static void solve(const fit *f, double low2, double *c, double *high2) {
  double xx = 0, xy = 0, yy = 0, xr = 0, yr = 0;
  for (const fit_point *p = f->point; p < f->point + f->count; p++) {
    double w2 = square(p->weight), rest = 1 - low2 * p->one;
    xx += w2 * p->x * p->x, xy += w2 * p->x * p->y, yy += w2 * p->y * p->y;
    xr += w2 * p->x * rest, yr += w2 * p->y * rest;
  }
  double determinant = xx * yy - xy * xy;
  *c = (xr * yy - yr * xy) / determinant;
  *high2 = (yr * xx - xr * xy) / determinant;
}

/* The same on the line c = at_corner - high2 corner, where the gain at the corner is exact. */
static void solve_through(const fit *f, double low2, double corner, double wanted, double *c, double *high2) {
  double slope = (wanted - low2) / corner, yy = 0, yr = 0;
  for (const fit_point *p = f->point; p < f->point + f->count; p++) {
    double y = p->y - corner * p->x, rest = 1 - low2 * p->one - slope * p->x, w2 = square(p->weight);
    yy += w2 * y * y, yr += w2 * y * rest;
  }
  *high2 = yr / yy;
  *c = slope - *high2 * corner;
}

static void reweight(fit *f, double low2, double c, double high2) {
  double error[MOST_POINTS], largest = 1e-15, sum = 0;
  for (int i = 0; i < f->count; i++) {
    const fit_point *p = &f->point[i];
    error[i] = p->strictness * fabs(low2 * p->one + c * p->x + high2 * p->y - 1);
    largest = fmax(largest, error[i]);
  }
  for (int i = 0; i < f->count; i++) f->point[i].weight *= sqrt(error[i] / largest + 0.01), sum += f->point[i].weight;
  for (int i = 0; i < f->count; i++) f->point[i].weight *= f->count / sum;
}

/* From the squared magnitude back to the section, with its zeros not outside the unit circle. */
static int32_t take_numerator(section *s, double c, double high2) {
  if (!(high2 >= 0)) return 0;
  s->high = sqrt(high2);
  double band2 = c + 2 * s->low * s->high;
  if (!(band2 >= 0)) return 0;
  s->band = sqrt(band2);
  return isfinite(s->band) && isfinite(s->high);
}

/* The numerator for poles and a gain at 0 Hz that stand. */
static int32_t fit_numerator(section *s, const analog_section *analog, double frequency_hz, double sample_rate_hz,
                             int32_t corner) {
  fit f = {.analog = analog, .section = s, .frequency_hz = frequency_hz, .sample_rate_hz = sample_rate_hz};
  double at = t2(&f, frequency_hz), wanted = analog_gain2(analog, 1) * (square(1 - at) + square(s->k) * at);
  if (analog->numerator[0] == 0 && analog->numerator[1] == 0)
    return take_numerator(s, 0, wanted / square(at)); /* zeros stay at 0 Hz */
  spread_points(&f);
  double c = 0, high2 = 0, low2 = square(s->low);
  for (int i = 0; i < REWEIGHTINGS; i++) {
    if (i) reweight(&f, low2, c, high2);
    if (corner) solve_through(&f, low2, at, wanted, &c, &high2);
    else solve(&f, low2, &c, &high2);
  }
  return take_numerator(s, c, high2);
}

/* The poles once more, for the zeros that were found, and the zeros for those: a tenth less error where the fit is hard. */
static void refine(section *s, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  analog_section upside_down = reciprocal(analog);
  for (int i = 0; i < REFINEMENTS; i++) {
    section t = *s;
    if (!invert(&t) || !fit_numerator(&t, &upside_down, frequency_hz, sample_rate_hz, 0) || !invert(&t)) return;
    if (!fit_numerator(&t, analog, frequency_hz, sample_rate_hz, 0)) return;
    *s = t;
  }
}

static int32_t fit_zeros(section *s, const analog_section *analog, double frequency_hz, double sample_rate_hz, int32_t corner) {
  place_poles(s, analog, 2 * PI * frequency_hz / sample_rate_hz);
  s->low = analog->numerator[0] / analog->denominator[0];
  if (!fit_numerator(s, analog, frequency_hz, sample_rate_hz, corner)) return 0;
  int32_t near_top = frequency_hz > 0.05 * sample_rate_hz, damped = analog->denominator[1] > 0;
  if (near_top && damped && !corner) refine(s, analog, frequency_hz, sample_rate_hz);
  return 1;
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

/* First-order prototypes are carried by a pole and a zero that cancel. */
void matched_bilinear(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz) {
  double n[3], d[3], half = tan(PI * frequency_hz / sample_rate_hz), first = analog->denominator[2] == 0;
  for (int i = 0; i < 3; i++) {
    n[i] = analog->numerator[i] + (first && i ? analog->numerator[i - 1] : 0);
    d[i] = analog->denominator[i] + (first && i ? analog->denominator[i - 1] : 0);
  }
  double even = sqrt(d[0] * d[2]);
  section s = {half * sqrt(d[0] / d[2]), d[1] / even, n[0] / d[0], n[1] / even, n[2] / d[2]};
  put(svf, &s);
}

void matched_design(svf_coefs *svf, const analog_section *analog, double frequency_hz, double sample_rate_hz, int32_t way) {
  section s;
  int32_t turned = way == MATCHED_POLES;
  analog_section a = turned ? reciprocal(analog) : *analog;
  int32_t fitted =
      fit_zeros(&s, &a, frequency_hz, sample_rate_hz, way == MATCHED_CORNER) || close_zeros(&s, &a, frequency_hz, sample_rate_hz);
  if (fitted && (!turned || invert(&s))) put(svf, &s);
  else matched_bilinear(svf, analog, frequency_hz, sample_rate_hz);
}
