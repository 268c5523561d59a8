/* test_decibel.c - decibel.h against libm in long double, its exact points, and the same bits from both vector widths. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "decibel.h"
#include "vec.h"

static int failures;

static void expect(int true_as_it_should_be, const char *what, double value) {
  if (true_as_it_should_be) return;
  failures++;
  fprintf(stderr, "FAILED: %s (%.17g)\n", what, value);
}

static int steps = 400000; /* FEW in the environment: for an emulated processor */

static long double exact_level_db(double amplitude) { return 20 * log10l((long double)amplitude); }

static double level_error_db(double level_db, long double wanted_db) { return (double)fabsl((long double)level_db - wanted_db); }

static void test_level_is_within_1e_12_db(void) {
  double worst_amplitude = 0, worst_power = 0;
  for (int i = 0; i <= steps; i++) {
    double amplitude = pow(10, (-200 + 400.0 * i / steps) / 20), power = amplitude * amplitude;
    worst_amplitude = fmax(worst_amplitude, level_error_db(decibel_of_amplitude(amplitude), exact_level_db(amplitude)));
    worst_power = fmax(worst_power, level_error_db(decibel_of_power(power), fmaxl(exact_level_db(power) / 2, -200)));
  }
  printf("level: worst error %.3g dB of amplitude, %.3g dB of power\n", worst_amplitude, worst_power);
  expect(worst_amplitude < 1e-12, "level of an amplitude", worst_amplitude);
  expect(worst_power < 1e-12, "level of a power", worst_power);
}

static void test_level_near_unity_keeps_its_digits(void) {
  double worst = 0;
  for (int i = -2000; i <= 2000; i++) {
    double x = 1 + i * 1e-9;
    worst = fmax(worst, level_error_db(decibel_of_amplitude(x), exact_level_db(x)));
  }
  expect(worst < 1e-18 + 1e-13 * 2e-5, "level near 0 dB", worst);
}

static void test_gain_is_within_1e_12_db(void) {
  long double worst = 0;
  for (int i = 0; i <= steps; i++) {
    double decibel = -200 + 400.0 * i / steps;
    long double wanted = powl(10, (long double)decibel / 20);
    worst = fmaxl(worst, fabsl(20 * log10l((long double)amplitude_of_decibel(decibel) / wanted)));
  }
  printf("gain: worst error %.3Lg dB\n", worst);
  expect(worst < 1e-12L, "gain of a decibel", (double)worst);
}

static void test_exact_points(void) {
  expect(decibel_of_amplitude(1) == 0, "1.0 is 0 dB", decibel_of_amplitude(1));
  expect(decibel_of_amplitude(-1) == 0, "-1.0 is 0 dB", decibel_of_amplitude(-1));
  expect(decibel_of_power(1) == 0, "power 1.0 is 0 dB", decibel_of_power(1));
  expect(amplitude_of_decibel(0) == 1, "0 dB is 1.0", amplitude_of_decibel(0));
  expect(amplitude_of_decibel(-1e-30) == 1, "-1e-30 dB is 1.0", amplitude_of_decibel(-1e-30));
  for (int k = -300; k <= 300; k++) {
    expect(log2_of(ldexp(1, k)) == k, "log2 of a power of two", k);
    expect(exp2_of(k) == ldexp(1, k), "exp2 of an integer", k);
  }
}

static void test_floor_and_extremes(void) {
  const double silent[] = {0, -0.0, DBL_TRUE_MIN, DBL_MIN, 1e-11, -1e-11};
  for (unsigned i = 0; i < sizeof silent / sizeof *silent; i++) {
    expect(decibel_of_amplitude(silent[i]) == DECIBEL_FLOOR, "the floor", silent[i]);
  }
  expect(decibel_of_power(0) == DECIBEL_FLOOR, "the floor of power", decibel_of_power(0));
  const double wild[] = {DBL_MAX, HUGE_VAL, -HUGE_VAL, (double)NAN};
  for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
    double level_db = decibel_of_amplitude(wild[i]);
    expect(isfinite(level_db) && level_db > 3000, "a finite level for what is no number", level_db);
  }
  expect(isfinite(amplitude_of_decibel(1e9)), "gain of a billion dB", amplitude_of_decibel(1e9));
  expect(amplitude_of_decibel(-1e9) < 1e-300, "gain of minus a billion dB", amplitude_of_decibel(-1e9));
}

static void test_both_rise_everywhere(void) {
  double level_before = -1e9, gain_before = 0;
  for (int i = 0; i <= steps; i++) {
    double decibel = -190 + 380.0 * i / steps, gain = amplitude_of_decibel(decibel), level = decibel_of_amplitude(gain);
    expect(gain > gain_before && level > level_before, "strictly rising", decibel);
    gain_before = gain, level_before = level;
  }
}

/* Every 61st float from 1 to 2^24: what the limiter's detector reads. */
static void test_octaves_of_floats(void) {
  double worst_relative = 0, worst = 0;
  for (uint32_t bits = 0x3f800000; bits < 0x4b800000; bits += 61) {
    float x;
    memcpy(&x, &bits, sizeof x);
    double wanted = log2((double)x), error = fabs((double)octaves_above_one(x) - wanted);
    worst = fmax(worst, error);
    if (wanted > 0) worst_relative = fmax(worst_relative, error / wanted);
  }
  printf("octaves: worst error %.3g, %.3g of the result\n", worst, worst_relative);
  expect(worst < 1.2e-6, "octaves", worst);
  expect(worst_relative < 3.6e-7, "octaves, of the result", worst_relative);
  expect(octaves_above_one(1) == 0, "one is no octave", (double)octaves_above_one(1));
}

VECTORISED static void in_vectors(const double *x, double *level, double *gain, int count) {
  for (int i = 0; i < count; i++) level[i] = decibel_of_amplitude(x[i]), gain[i] = amplitude_of_decibel(x[i]);
}

static void test_vectors_give_the_same_bits(void) {
  enum { COUNT = 4099 };
  static double x[COUNT], level[COUNT], gain[COUNT];
  for (int i = 0; i < COUNT; i++) x[i] = (i - 2000) * 0.0731;
  in_vectors(x, level, gain, COUNT);
  for (int i = 0; i < COUNT; i++) {
    volatile double alone = x[i];
    expect(level[i] == decibel_of_amplitude(alone), "level, one at a time", x[i]);
    expect(gain[i] == amplitude_of_decibel(alone), "gain, one at a time", x[i]);
  }
}

int main(void) {
  if (getenv("FEW")) steps = 20000;
  test_level_is_within_1e_12_db();
  test_level_near_unity_keeps_its_digits();
  test_gain_is_within_1e_12_db();
  test_exact_points();
  test_floor_and_extremes();
  test_both_rise_everywhere();
  test_octaves_of_floats();
  test_vectors_give_the_same_bits();
  return failures != 0;
}
