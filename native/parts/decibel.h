/* decibel.h - level and gain in dB, without libm: branch-free, so a loop over frames or bands vectorises, and the same bits
 * on every machine and at every vector width.
 *
 *   decibel_of_amplitude(x) = max(20 log10 |x|, -200)      decibel_of_power(p) = max(10 log10 p, -200), p >= 0
 *   amplitude_of_decibel(d) = 10^(d / 20)
 *
 * Within 1e-12 dB of the law from -200 to +200 dB; 1.0 and 0 dB map to each other exactly; 0 and denormals give the floor;
 * infinity and NaN give a finite level above 3000 dB. amplitude_of_decibel holds its argument within +-6000 dB.
 *
 * log2: x = 2^e m with m in [sqrt(1/2), sqrt(2)), s = (m - 1)/(m + 1), log2 m = s P(s^2).
 * exp2: x = k + f with f in [-1/2, 1/2], 2^f = 1 + f Q(f).
 * P and Q interpolate at Chebyshev nodes: 1.4e-14 absolute in log2, 2.8e-14 relative in exp2.
 *
 * octaves_above_one(x) = log2 x for a float 1 <= x < 2^24, within 3.6e-7 of the result and 1.2e-6: eight to a vector, where a detector
 * works in float anyway. */
#pragma once
#include <stdint.h>
#include <string.h>

#define DECIBEL_FLOOR (-200.0)
#define DECIBEL_PER_AMPLITUDE_OCTAVE 6.020599913279624 /* 20 log10 2 */
#define DECIBEL_PER_POWER_OCTAVE 3.010299956639812     /* 10 log10 2 */

static inline uint64_t bits_of_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double double_of_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The sign of x must be clear (+0 gives -1023): for a loop that knows its numbers; log2_of takes any. */
static inline double log2_of_positive(double x) {
  const uint64_t sqrt_half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000, mantissa = 0x000fffffffffffff;
  const uint64_t two_to_52 = 0x4330000000000000; /* its low bits read as an integer: a conversion that SSE2 and AVX2 lack */
  uint64_t bits = bits_of_double(x) + (one - sqrt_half);
  double exponent = double_of_bits(bits >> 52 | two_to_52) - (0x1p52 + 1023);
  double m = double_of_bits((bits & mantissa) + sqrt_half);
  double s = (m - 1) / (m + 1), z = s * s, p = 0.28288718263073565;
  p = p * z + 0.3199066608891474;
  p = p * z + 0.41220922733052445;
  p = p * z + 0.5770779426302618;
  p = p * z + 0.9617966941123595;
  p = p * z + 2.8853900817778504;
  return exponent + s * p;
}

/* The sign of x is ignored. */
static inline double log2_of(double x) { return log2_of_positive(double_of_bits(bits_of_double(x) & 0x7fffffffffffffff)); }

/* x within +-1000: for a loop that knows its numbers; exp2_of holds any there. */
static inline double exp2_within_1000(double x) {
  const double round_to_integer = 0x1.8p52;
  double shifted = x + round_to_integer;
  double f = x - (shifted - round_to_integer), q = 1.0203089738084357e-07;
  q = q * f + 1.3255225649391615e-06;
  q = q * f + 1.5252686983622975e-05;
  q = q * f + 0.0001540345584956368;
  q = q * f + 0.0013333558178858606;
  q = q * f + 0.009618129159405568;
  q = q * f + 0.055504108664761194;
  q = q * f + 0.2402265069581298;
  q = q * f + 0.6931471805599453;
  uint64_t scale = (bits_of_double(shifted) + 1023) << 52; /* 2^k */
  return (1 + f * q) * double_of_bits(scale);
}

static inline double exp2_of(double x) {
  x = x < 1000 ? x : 1000;
  return exp2_within_1000(x > -1000 ? x : -1000);
}

static inline double decibel_of_amplitude(double amplitude) {
  double level_db = DECIBEL_PER_AMPLITUDE_OCTAVE * log2_of(amplitude);
  return level_db > DECIBEL_FLOOR ? level_db : DECIBEL_FLOOR;
}

static inline double decibel_of_power(double power) {
  double level_db = DECIBEL_PER_POWER_OCTAVE * log2_of(power);
  return level_db > DECIBEL_FLOOR ? level_db : DECIBEL_FLOOR;
}

static inline double amplitude_of_decibel(double decibel) { return exp2_of(decibel * (1 / DECIBEL_PER_AMPLITUDE_OCTAVE)); }

static inline float octaves_above_one(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  int32_t exponent = (bits - 0x3F3504F3) >> 23; /* mantissa from sqrt(1/2) to sqrt(2) */
  bits -= exponent * (1 << 23);
  memcpy(&x, &bits, sizeof x);
  float s = (x - 1) / (x + 1), z = s * s;
  return (float)exponent + s * (2.88539008f + z * (0.961796694f + z * (0.577078016f + z * 0.412198583f)));
}
