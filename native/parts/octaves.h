/* octaves.h - log2 and exp2 for gains, without branches, so that loops over frames become vectors. */
#pragma once
#include <stdint.h>
#include <string.h>

/* log2 x for 1 <= x < 2^24: error below 3.6e-7 of the result and 1.2e-6 (measured over all floats). atanh series about 1, after the exponent. */
static inline float octaves_of(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  int32_t exponent = (bits - 0x3F3504F3) >> 23; /* mantissa from sqrt(1/2) to sqrt(2) */
  bits -= exponent * (1 << 23);
  memcpy(&x, &bits, sizeof x);
  float t = (x - 1) / (x + 1), t2 = t * t;
  float series = t * (2.88539008f + t2 * (0.961796694f + t2 * (0.577078016f + t2 * 0.412198583f)));
  return (float)exponent + series;
}

/* 2^-octaves for 0 <= octaves < 1000; exactly 1 at 0, relative error below 1e-14 (Taylor to the 11th power on +-1/2). */
static inline double gain_of_octaves(double octaves) {
  double shifted = octaves + 0x1.8p52, f = (shifted - 0x1.8p52) - octaves, scale;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = ((uint64_t)1023 << 52) - (bits << 52);
  memcpy(&scale, &bits, sizeof scale);
  static const double c[] = {1.0,
                             0.69314718055994531,
                             0.24022650695910071,
                             0.055504108664821580,
                             0.0096181291076284772,
                             0.0013333558146428443,
                             0.00015403530393381610,
                             1.5252733804059840e-5,
                             1.3215486790144309e-6,
                             1.0178086009239700e-7,
                             7.0549116208011234e-9,
                             4.4455382718708115e-10};
  double p = c[11];
  for (int k = 10; k >= 0; k--) p = p * f + c[k];
  return p * scale;
}
