/* knee.h - the static curve of a downward compressor as reduction in dB (>= 0), branch-free.
 *
 *   o = level - threshold, slope = 1 - 1/ratio: 0 for o <= -W/2; slope (o + W/2)^2 / (2 W) inside the knee W; slope o above. */
#pragma once

static inline double larger(double a, double b) { return a > b ? a : b; }
static inline double smaller(double a, double b) { return a < b ? a : b; }

/* The factor of the square inside the knee: a division that a loop does once. Without a knee nothing is ever inside. */
static inline double knee_bend(double slope, double knee_db) { return slope / larger(2 * knee_db, 1e-9); }

static inline double knee_reduction_db(double over_db, double slope, double knee_db, double bend) {
  double from_start = over_db + 0.5 * knee_db, inside = smaller(larger(from_start, 0), knee_db);
  return bend * (inside * inside) + slope * (larger(from_start, knee_db) - knee_db);
}
