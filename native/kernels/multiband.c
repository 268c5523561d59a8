#include "multiband.h"

void multiband_design(multiband_coefs *coefs, const multiband_params *params, const stream_format *format) {
  (void)params, (void)format;
  *coefs = (multiband_coefs){{0}};
}
void multiband_reset(multiband *state) { *state = (multiband){0}; }
void multiband_process(multiband *state, const multiband_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)left, (void)right, (void)frames;
  state->serial = coefs->change.serial;
}
