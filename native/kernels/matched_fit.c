#include "matched_fit.h"

enum { SPREAD_POINTS = 40, CLUSTER_POINTS = 7, MOST_POINTS = SPREAD_POINTS + 2 * CLUSTER_POINTS };
static const double SHARP = 0.25, HIGHEST = 0.48;
enum { REWEIGHTINGS = 12, STEPS = 30, PATIENCE = 8 };

typedef struct {
  double gain2;      /* |Ha|^2 */
  double tau;        /* |t|^2 with the g of the start */
  double one, x, y;  /* the terms of low^2 + c |t|^2 + high^2 |t|^4, each over what their sum should be */
  double strictness; /* 1 / tolerance */
  double weight;
} fit_point;

typedef struct {
  const goal *goal;
  const section *start;
  fit_point point[MOST_POINTS];
  int count;
} fit;

/* What the numerator low^2 + c |t|^2 + high^2 |t|^4 should be. */
static double wanted_numerator(const goal *to, const section *s, double hz) {
  double tau = t2(hz, s->g, to->sample_rate_hz), gain2 = analog_gain2(to->analog, square(hz / to->frequency_hz));
  return is_high_pass(to->analog) ? tau * tau / gain2 : gain2 * poles2(s->k, tau);
}

/* 1 up to 10 kHz, three times that at 20 kHz */
static double tolerance(double hz) { return hz <= 10000 ? 1 : pow(hz / 10000, 1.5849625); }

static void add_point(fit *f, double hz) {
  const goal *to = f->goal;
  double gain2 = analog_gain2(to->analog, square(hz / to->frequency_hz)), tau = t2(hz, f->start->g, to->sample_rate_hz);
  double wanted = wanted_numerator(to, f->start, hz), strict = 1 / tolerance(hz);
  if (!(wanted > 1e-30)) return;
  f->point[f->count++] = (fit_point){gain2, tau, 1 / wanted, tau / wanted, tau * tau / wanted, strict, strict};
}

/* Around the resonance of a damped pair of roots, as close together as it is narrow. A sharp one counts beyond what is heard, too: a
 * fit that does not see it may put it anywhere. */
static void cluster_points(fit *f, const double c[3], double top) {
  if (!(c[0] > 0 && c[1] > 0 && c[2] > 0)) return;
  double at = f->goal->frequency_hz * sqrt(c[0] / c[2]), width = fmin(c[1] / sqrt(c[0] * c[2]), 1);
  if (width < SHARP) top = HIGHEST * f->goal->sample_rate_hz;
  for (int i = 0; i < CLUSTER_POINTS; i++) {
    double hz = at * exp2((i - CLUSTER_POINTS / 2) * 0.5 * width);
    if (hz < top) add_point(f, hz);
  }
}

/* Log-spaced over what is heard, and closer where the prototype has its resonances. */
static void spread_points(fit *f) {
  double top = fmin(20500, HIGHEST * f->goal->sample_rate_hz), bottom = fmin(fmax(f->goal->frequency_hz / 64, 1), top / 64);
  for (int i = 0; i < SPREAD_POINTS; i++) add_point(f, bottom * pow(top / bottom, i / (SPREAD_POINTS - 1.0)));
  cluster_points(f, f->goal->analog->denominator, top);
  cluster_points(f, f->goal->analog->numerator, top);
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

/* Turns the errors into the next weights; returns the largest. */
static double reweight(fit *f, const double error[MOST_POINTS]) {
  double largest = 1e-15, sum = 0;
  for (int i = 0; i < f->count; i++) largest = fmax(largest, error[i]);
  for (int i = 0; i < f->count; i++) sum += f->point[i].weight *= sqrt(error[i] / largest + 0.01);
  for (int i = 0; i < f->count; i++) f->point[i].weight *= f->count / sum;
  return largest;
}

static void judge_numerator(fit *f, double low2, double c, double high2) {
  double error[MOST_POINTS];
  for (int i = 0; i < f->count; i++) {
    const fit_point *p = &f->point[i];
    error[i] = p->strictness * fabs(low2 * p->one + c * p->x + high2 * p->y - 1);
  }
  reweight(f, error);
}

int32_t fit_numerator(section *s, const goal *to) {
  fit f = {.goal = to, .start = s};
  double at = t2(to->frequency_hz, s->g, to->sample_rate_hz), wanted = wanted_numerator(to, s, to->frequency_hz);
  double c = 0, high2 = 0, low2 = square(s->low);
  spread_points(&f);
  for (int i = 0; i < REWEIGHTINGS; i++) {
    if (i) judge_numerator(&f, low2, c, high2);
    if (to->corner) solve_through(&f, low2, at, wanted, &c, &high2);
    else solve(&f, low2, &c, &high2);
  }
  return take_numerator(s, c, high2);
}

/* Gauss with pivots; a singular system leaves what is not finite. */
static void eliminate(double m[4][5], double solution[4]) {
  for (int i = 0; i < 4; i++) {
    int pivot = i;
    for (int j = i + 1; j < 4; j++)
      if (fabs(m[j][i]) > fabs(m[pivot][i])) pivot = j;
    for (int k = 0; k < 5; k++) {
      double kept = m[i][k];
      m[i][k] = m[pivot][k], m[pivot][k] = kept;
    }
    for (int j = i + 1; j < 4; j++)
      for (int k = 4; k >= i; k--) m[j][k] -= m[j][i] / m[i][i] * m[i][k];
  }
  for (int i = 3; i >= 0; i--) {
    solution[i] = m[i][4];
    for (int k = i + 1; k < 4; k++) solution[i] -= m[i][k] * solution[k];
    solution[i] /= m[i][i];
  }
}

/* Largest error of |H|^2, in parts of its tolerance; weighs anew. */
static double judge(fit *f, const section *s) {
  double error[MOST_POINTS];
  for (int i = 0; i < f->count; i++) {
    const fit_point *p = &f->point[i];
    double tau = p->tau * square(f->start->g / s->g), numerator = square(s->low - s->high * tau) + square(s->band) * tau;
    error[i] = p->strictness * fabs(numerator / (poles2(s->k, tau) * p->gain2) - 1);
  }
  return reweight(f, error);
}

/* One step of C. K. Sanathanan and J. Koerner: numerator and denominator together, over the denominator of the step before. */
static int32_t step_together(const fit *f, section *s) {
  double m[4][5] = {{0}}, low2 = square(s->low), solved[4];
  for (const fit_point *p = f->point; p < f->point + f->count; p++) {
    double over = p->weight / (p->gain2 * poles2(s->k, p->tau * square(f->start->g / s->g)));
    double row[5] = {p->tau, square(p->tau), -p->gain2 * p->tau, -p->gain2 * square(p->tau), p->gain2 - low2};
    for (int i = 0; i < 4; i++)
      for (int k = 0; k < 5; k++) m[i][k] += square(over) * row[i] * row[k];
  }
  eliminate(m, solved);
  double even = sqrt(solved[3]), k2 = solved[2] / even + 2; /* 1 + d tau + e tau^2 with e = 1 again */
  if (!(even > 0 && k2 > 0)) return 0;
  s->g = f->start->g / sqrt(even), s->k = sqrt(k2);
  return take_numerator(s, solved[0] / even, solved[1] / square(even));
}

void fit_all(section *s, const goal *to) {
  section start = *s, now = *s;
  fit f = {.goal = to, .start = &start};
  spread_points(&f);
  double best = judge(&f, &now);
  for (int i = 0, stalled = 0; i < STEPS && stalled < PATIENCE && step_together(&f, &now); i++, stalled++) {
    double reached = judge(&f, &now);
    if (reached < best) best = reached, *s = now, stalled = 0;
  }
}
