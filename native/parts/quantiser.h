/* quantiser.h - one sample to an integer word under triangular dither; the law is in dither.h. */
#pragma once

static inline double quantiser_floor(double x) { /* |x| < 2^51; libm's floor is a call */
  double nearest = (x + 0x1.8p52) - 0x1.8p52;
  return nearest > x ? nearest - 1 : nearest;
}

/* In steps, within twice the word. NaN becomes silence. */
static inline double quantiser_scale(double x, double steps) {
  x = x == x ? x : 0;
  x = x < 2 ? x : 2;
  return (x > -2 ? x : -2) * steps;
}

/* The step for a value in steps under `triangular` in (0, 2), not yet held within the word. */
static inline double quantiser_step(double value, double triangular) { return quantiser_floor(value + triangular - 0.5); }

/* -1 .. 1 - 1 / steps */
static inline double quantiser_value(double step, double steps) {
  double top = steps - 1;
  step = step < top ? step : top;
  return (step > -steps ? step : -steps) * (1 / steps); /* exact: steps is a power of two */
}
