/* knee.h - the static curve of a downward compressor as reduction in dB (>= 0), branch-free.
 *
 *   o = level - threshold, slope = 1 - 1/ratio: 0 for o <= -W/2; slope (o + W/2)^2 / (2 W) inside the knee W; slope o above. */
#pragma once

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }

/* The factor of the square inside the knee: a division that a loop does once. Without a knee nothing is ever inside. */
static inline double knee_bend(double slope, double knee_db) { return slope / larger(2 * knee_db, 1e-9); }

/* The same sums for one number or for a vector of them. */
#define DEFINE_KNEE(name, lanes, larger_of, smaller_of)                                                            \
  static inline __attribute__((always_inline)) lanes name(lanes over_db, lanes slope, lanes knee_db, lanes bend) { \
    lanes from_start = over_db + 0.5 * knee_db, inside = smaller_of(larger_of(from_start, (lanes){0}), knee_db);   \
    return bend * (inside * inside) + slope * (larger_of(from_start, knee_db) - knee_db);                          \
  }
DEFINE_KNEE(knee_reduction_db, double, larger, smaller)
