/* ballistics.h - attack and release of a reduction in dB, smooth and decoupled, for two at once (Giannoulis, Massberg, Reiss: Digital
 * Dynamic Range Compressor Design, JAES 60(6), 2012).
 *
 *   h = max(c, h + (c - h) r)    y = y + (h - y) a: a release that holds the peaks of c, then the attack smooths both ways
 *
 * Rising, the step a is the attack's; falling, it is at least that, so that the smaller of both results is the right one: no branch.
 * A step is 1 - pole. The poles are chosen so that after a step of c, y has covered 63.2 % of its way after attack_ms or release_ms,
 * the smoothing included. */
#pragma once
#include <math.h>

#include "pair.h"

INLINED pair toward(pair value, pair target, pair step) { return (pair_of(1) - step) * value + step * target; }

INLINED pair ballistics_hold(pair held, pair wanted, pair release_step) {
  return pair_larger(wanted, toward(held, wanted, release_step));
}

INLINED pair ballistics_smooth(pair smooth, pair held, pair attack_step, pair fall_step) {
  return pair_smaller(toward(smooth, held, attack_step), toward(smooth, held, fall_step));
}

/* ---- design: any thread ---- */

static inline double ballistics_step(double time_constant_ms, double updates_hz) {
  return -expm1(-1000 / (time_constant_ms * updates_hz));
}

/* The smoothing of a fall. */
static inline double ballistics_fall_ms(double attack_ms, double release_ms) { return fmin(attack_ms, 0.4 * release_ms); }

/* What is left after `time` of a fall through two one-poles in a row, slow > quick. */
static inline double ballistics_left_after(double time, double slow, double quick) {
  return (slow * exp(-time / slow) - quick * exp(-time / quick)) / (slow - quick);
}

/* The release whose fall, smoothed by `fall_ms` <= 0.4 release_ms, is 63.2 % done after release_ms. */
static inline double ballistics_release_ms(double release_ms, double fall_ms) {
  double low = 1.001 * fall_ms, high = release_ms;
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (ballistics_left_after(release_ms, middle, fall_ms) < exp(-1)) low = middle;
    else high = middle;
  }
  return high;
}
