/* clipper_bend.h - what the clipper takes away, in thresholds: r(x) = x - f(x), its integral R, and its mean along a line.
 *
 *   r = W u^3 (1 - u/2) + v                     W: width of the bend, u: 0 .. 1 along it, v: how far beyond it; r is odd
 *   R = W^2 u^4 (1/4 - u/10) + W v / 2 + v^2 / 2     even
 *   mean over x .. x' = (R(x') - R(x)) / (x' - x)    first-order antiderivative antialiasing: Parker, Zavalishin, Le Bivic, DAFx 2016 */
#pragma once
#include <math.h>

#include "oversample.h"

static const double NARROWEST_BEND = 1e-9;
static const double SHORTEST_LINE =
    1e-6; /* below it the middle of a line is closer to its mean than the quotient of two differences */

typedef struct {
  double half, begin, end, per_width; /* half of W */
} bend;

typedef struct {
  double x, integral;
} bend_point;

OVERSAMPLE_INLINE bend bend_of(double softness) {
  double width = 2 * softness;
  return (bend){softness, 1 - softness, 1 + softness, 1 / (width > NARROWEST_BEND ? width : NARROWEST_BEND)};
}

OVERSAMPLE_INLINE double along_bend(const bend *b, double size) {
  double u = (size - b->begin) * b->per_width;
  u = u > 0 ? u : 0;
  return u < 1 ? u : 1;
}

OVERSAMPLE_INLINE double beyond_bend(const bend *b, double size) { return size > b->end ? size - b->end : 0; }

OVERSAMPLE_INLINE double residual_of(const bend *b, double x) {
  double size = fabs(x), u = along_bend(b, size);
  return copysign(2 * b->half * (u * u * u) * (1 - 0.5 * u) + beyond_bend(b, size), x);
}

OVERSAMPLE_INLINE double integral_of(const bend *b, double x) {
  double size = fabs(x), u = along_bend(b, size), v = beyond_bend(b, size), width = 2 * b->half, u2 = u * u;
  return width * (width * (u2 * u2) * (0.25 - 0.1 * u) + 0.5 * v) + 0.5 * (v * v);
}

OVERSAMPLE_INLINE bend_point bend_at(const bend *b, double x) { return (bend_point){x, integral_of(b, x)}; }

OVERSAMPLE_INLINE double mean_residual(const bend *b, bend_point from, bend_point to) {
  double line = to.x - from.x, middle = residual_of(b, 0.5 * (from.x + to.x));
  int is_long = fabs(line) > SHORTEST_LINE;
  double mean = (to.integral - from.integral) / (is_long ? line : 1);
  return is_long ? mean : middle;
}
