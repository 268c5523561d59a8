/* Any parameters, any change of them, any block length, any audio: what leaves is finite and never above 0 dBFS, the highest
 * ceiling there is. Under the sanitizers this drives every kernel through every branch it has. */
#include <math.h>

#include "bench_engine.h"
#include "random_params.h"

enum { ROUNDS = 24, BLOCKS = 40, LONGEST = 1500 };

static const double RATES_HZ[] = {44100, 48000, 88200, 96000, 176400, 192000};

/* Some block of some kind: noise at any level up to +24 dBFS and beyond, steps, denormals, silence, NaN. */
static double hostile(dice *d, uint32_t kind, uint32_t n) {
  switch (kind) {
    case 0:
      return dice_between(d, -1, 1);
    case 1:
      return dice_between(d, -16, 16);
    case 2:
      return (n / 7 & 1) ? 1 : -1;
    case 3:
      return 1e-310 * dice_between(d, -1, 1);
    case 4:
      return 0;
    case 5:
      return dice_below(d, 50) ? 0.1 : (double)NAN;
    case 6:
      return dice_below(d, 50) ? dice_between(d, -1, 1) : (double)INFINITY;
    default:
      return dice_between(d, -1e300, 1e300);
  }
}

static void one_block(dice *d, engine *e, uint64_t token, double *left, double *right) {
  uint32_t frames = dice_below(d, LONGEST), kind = dice_below(d, 8);
  for (uint32_t n = 0; n < frames; n++) left[n] = hostile(d, kind, n), right[n] = hostile(d, kind, n);
  engine_process_double(e, token, left, right, frames);
  for (uint32_t n = 0; n < frames; n++) CHECK(fabs(left[n]) <= 1 && fabs(right[n]) <= 1); /* false for NaN */
}

static void one_engine(dice *d, double *left, double *right) {
  stream_format format = {RATES_HZ[dice_below(d, 6)], any_of(d, 1)};
  chain_params params = random_params(d);
  engine *e = engine_new(&format, &params);
  uint64_t token = engine_attach(e);
  engine_meters meters;
  engine_gate(e, 1, dice_below(d, 1000));
  for (int n = 0; n < BLOCKS; n++) {
    if (!dice_below(d, 4)) params = random_params(d), engine_publish(e, &params, dice_below(d, 3000));
    one_block(d, e, token, left, right);
  }
  CHECK(engine_collect(e, &meters) && isfinite(meters.limiter_reduction_db) && isfinite(meters.compressor_reduction_db[0]));
  CHECK(isfinite(meters.point[POINT_OUTPUT].true_peak[0]) && isfinite(meters.point[POINT_OUTPUT].mean_square[1]));
  free(e);
}

int main(void) {
  dice d = dice_new();
  double *left = malloc(LONGEST * sizeof *left), *right = malloc(LONGEST * sizeof *right);
  for (int n = 0; n < ROUNDS; n++) one_engine(&d, left, right);
  free(left), free(right);
}
