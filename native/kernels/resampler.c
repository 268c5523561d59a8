#include "resampler.h"

#include <math.h>
#include <string.h>

#include "quad.h"
#include "vec.h"

/* Sidelobes 150 dB down: what is left of the images of a tone, and 20 kHz still flat at 44.1 kHz. */
static const double KAISER_BETA = 15.5;
static const double PI = 3.14159265358979323846;

enum { PLACE_BITS = 48, ROW_BITS = 7 };
static const uint64_t ONE_FRAME = (uint64_t)1 << PLACE_BITS, ROW_MASK = ((uint64_t)1 << (PLACE_BITS - ROW_BITS)) - 1;
_Static_assert(1 << ROW_BITS == RESAMPLER_PLACES, "a row is told by the upper bits of the place");

/* ---- design ---- */

/* sin(pi u) / (pi u), exactly 0 at every other whole number. */
static double sinc(double u) {
  if (u == 0) return 1;
  double whole = floor(u + 0.5), sine = sin(PI * (u - whole));
  return ((int)whole % 2 ? -sine : sine) / (PI * u);
}

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; term > 1e-18 * sum; k++) term *= x * x / (4.0 * k * k), sum += term;
  return sum;
}

static double kaiser(double u) { return fabs(u) < 1 ? bessel_i0(KAISER_BETA * sqrt(1 - u * u)) / bessel_i0(KAISER_BETA) : 0; }

void resampler_design(resampler_coefs *coefs) {
  for (int row = 0; row < RESAMPLER_ROWS; row++)
    for (int k = 0; k < RESAMPLER_TAPS; k++) {
      double u = k - (RESAMPLER_HALF_FRAMES - 1) - (row - 1) / (double)RESAMPLER_PLACES;
      coefs->taps[row][k] = sinc(u) * kaiser(u / RESAMPLER_HALF_FRAMES);
    }
}

/* ---- audio thread ---- */

void resampler_reset(resampler *state) { memset(state, 0, sizeof *state); }

uint64_t resampler_stride(double deviation) { return (uint64_t)((1 + deviation) * 0x1p48 + 0.5); }

uint32_t resampler_takes(const resampler *state, uint64_t stride, uint32_t frames) {
  return (uint32_t)((state->place + frames * stride) >> PLACE_BITS);
}

double *resampler_entry(resampler *state, int32_t side) { return state->past[side] + RESAMPLER_TAPS; }

/* Lagrange's cubic through -1, 0, 1, 2, at t. */
typedef struct {
  quad before, at, next, behind;
} cubic;

INLINED cubic cubic_at(double t) {
  return (cubic){quad_of(-t * (t - 1) * (t - 2) * (1.0 / 6)), quad_of((t + 1) * (t - 1) * (t - 2) * 0.5),
                 quad_of(-(t + 1) * t * (t - 2) * 0.5), quad_of((t + 1) * t * (t - 1) * (1.0 / 6))};
}

INLINED quad four_taps(const double *row, const cubic *weight) {
  return weight->before * quad_load(row) + weight->at * quad_load(row + RESAMPLER_TAPS) +
         weight->next * quad_load(row + 2 * RESAMPLER_TAPS) + weight->behind * quad_load(row + 3 * RESAMPLER_TAPS);
}

INLINED double sum_of(quad even, quad odd) {
  quad sum = even + odd;
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Two sums for each side hide the latency of an addition. Their order never changes. */
INLINED void interpolate(const resampler_coefs *coefs, uint64_t place, const double *x, const double *y, double *left,
                         double *right) {
  const double *row = coefs->taps[place >> (PLACE_BITS - ROW_BITS)];
  const cubic weight = cubic_at((double)(place & ROW_MASK) * (1.0 / (double)(ROW_MASK + 1)));
  quad left_even = {0}, left_odd = {0}, right_even = {0}, right_odd = {0};
  for (int k = 0; k < RESAMPLER_TAPS; k += 8) {
    quad even = four_taps(row + k, &weight), odd = four_taps(row + k + 4, &weight);
    left_even += even * quad_load(x + k), right_even += even * quad_load(y + k);
    left_odd += odd * quad_load(x + k + 4), right_odd += odd * quad_load(y + k + 4);
  }
  *left = sum_of(left_even, left_odd), *right = sum_of(right_even, right_odd);
}

VECTORISED static void make(const resampler *state, const resampler_coefs *coefs, uint64_t stride, double *left, double *right,
                            uint32_t frames) {
  uint64_t p = state->place;
  for (uint32_t n = 0; n < frames; n++, p += stride) {
    uint64_t frame = p >> PLACE_BITS;
    interpolate(coefs, p & (ONE_FRAME - 1), state->past[0] + frame, state->past[1] + frame, &left[n], &right[n]);
  }
}

void resampler_remember(resampler *state, uint32_t frames) {
  for (int side = 0; side < 2; side++) memmove(state->past[side], state->past[side] + frames, RESAMPLER_TAPS * sizeof(double));
}

void resampler_pass(resampler *state, uint64_t stride, uint32_t frames) {
  resampler_remember(state, resampler_takes(state, stride, frames));
  state->place = (state->place + frames * stride) & (ONE_FRAME - 1);
}

void resampler_process(resampler *state, const resampler_coefs *coefs, uint64_t stride, double *left, double *right,
                       uint32_t frames) {
  make(state, coefs, stride, left, right, frames);
  resampler_pass(state, stride, frames);
}
