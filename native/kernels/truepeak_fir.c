#include "truepeak_fir.h"

#include <math.h>
#include <string.h>

/* The standard's table; its other two phases are these, backwards. */
static const double PHASE[2][TRUEPEAK_FIR_FRAMES] = {
    {0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625, 0.9721679687500,
     -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500},
    {-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250, 0.7797851562500,
     -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375},
};

void truepeak_fir_design(truepeak_fir_coefs *coefs, const stream_format *format) {
  (void)format;
  for (int phase = 0; phase < 2; phase++)
    for (int k = 0; k < TRUEPEAK_FIR_FRAMES; k++) {
      coefs->tap[phase][k] = PHASE[phase][k];
      coefs->tap[3 - phase][TRUEPEAK_FIR_FRAMES - 1 - k] = PHASE[phase][k];
    }
}

void truepeak_fir_reset(truepeak_fir *state) { *state = (truepeak_fir){.peak = {0, 0}}; }

static double largest_of_phases(const truepeak_fir_coefs *coefs, const double *past) {
  double largest = 0;
  for (int phase = 0; phase < TRUEPEAK_FIR_PHASES; phase++) {
    double sum = 0;
    for (int k = 0; k < TRUEPEAK_FIR_FRAMES; k++) sum += coefs->tap[phase][k] * past[k];
    if (fabs(sum) > largest) largest = fabs(sum);
  }
  return largest;
}

void truepeak_fir_process(truepeak_fir *state, const truepeak_fir_coefs *coefs, const double *left, const double *right,
                          uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++)
    for (int side = 0; side < 2; side++) {
      double *past = state->past[side], sample = side ? right[n] : left[n];
      memmove(past + 1, past, (TRUEPEAK_FIR_FRAMES - 1) * sizeof *past);
      past[0] = fabs(sample) <= 0x1p20 ? sample : 0; /* NaN and infinity count as silence */
      double peak = largest_of_phases(coefs, past);
      if (peak > state->peak[side]) state->peak[side] = peak;
    }
}
