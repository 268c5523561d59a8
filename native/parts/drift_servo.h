/* drift_servo.h - by how much faster one clock must be read so that what waits between two stays what it should be.
 *
 *   d error / dt = drift - deviation,   deviation = 2 zeta w e + integral,   d integral / dt = w^2 e,   w = 2 pi bandwidth
 *
 * e is the error behind two one-poles at 20 x bandwidth, zeta 0.707. The bandwidth begins at 0.1 Hz, so that the drift is found within
 * seconds, and comes down to 0.02 Hz as 1 / (time run), where 1 us of jitter makes 0.2 ppm. The integral settles at the drift. */
#pragma once
#include "clock_dll.h"

#define SERVO_WIDE_HZ 0.1
#define SERVO_NARROW_HZ 0.005
#define SERVO_LOW_PASS 20.0        /* x bandwidth */
#define SERVO_ZETA 0.7071067811865476

typedef struct {
  double low_s[2];  /* the error, behind each one-pole */
  double integral;  /* the drift as far as it is known: a ratio less 1 */
  double ran_s;
} drift_servo;

static inline double servo_held(double deviation) { return clock_within(-CLOCK_MOST_DEVIATION, deviation, CLOCK_MOST_DEVIATION); }

static inline double servo_bandwidth_hz(double ran_s) {
  double hz = ran_s * SERVO_WIDE_HZ < 1 ? SERVO_WIDE_HZ : 1 / ran_s;
  return hz > SERVO_NARROW_HZ ? hz : SERVO_NARROW_HZ;
}

/* The error starts anew, what is known of the drift stays. */
static inline void drift_servo_rejoin(drift_servo *s) { s->low_s[0] = s->low_s[1] = 0; }

/* The deviation of the next `span_s`, within CLOCK_MOST_DEVIATION. error_s > 0: too much waits. */
static inline double drift_servo_follow(drift_servo *s, double error_s, double span_s) {
  double hz = servo_bandwidth_hz(s->ran_s += span_s), omega = CLOCK_TWO_PI * hz, pole = SERVO_LOW_PASS * omega * span_s;
  s->low_s[0] += pole / (1 + pole) * (error_s - s->low_s[0]);
  s->low_s[1] += pole / (1 + pole) * (s->low_s[0] - s->low_s[1]);
  s->integral = servo_held(s->integral + omega * omega * span_s * s->low_s[1]);
  return servo_held(2 * SERVO_ZETA * omega * s->low_s[1] + s->integral);
}
