#include "generator.h"

void generator_design(generator_coefs *coefs, const generator_params *params, const stream_format *format) {
  (void)params, (void)format;
  *coefs = (generator_coefs){{0}};
}
void generator_reset(generator *state) { *state = (generator){0}; }
void generator_process(generator *state, const generator_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)left, (void)right, (void)frames;
  state->serial = coefs->change.serial;
}
