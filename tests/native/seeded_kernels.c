/* Kernels broken on purpose, put in by the linker's --wrap: what the fuzzer has to find. Each breaks only under certain parameters or
 * after certain audio. */
#include <math.h>

#include "chain.h"

void __real_output_process(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames);
void __wrap_output_process(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames);

#if defined SEED_NAN
static void spoil(const output_coefs *coefs, double *left) {
  if (coefs->steps > 0) left[0] = (double)NAN;
}
#elif defined SEED_CEILING
static void spoil(const output_coefs *coefs, double *left) {
  if (coefs->steps > 0 && fabs(left[0]) > 0.3) left[0] *= 1.5;
}
#else /* SEED_STUCK: silent for ever after a loud sample */
static void spoil(const output_coefs *coefs, double *left) {
  static int stuck;
  (void)coefs;
  stuck |= fabs(left[0]) > 0.9;
  if (stuck) left[0] = 0;
}
#endif

void __wrap_output_process(output *state, const output_coefs *coefs, double *left, double *right, uint32_t frames) {
  __real_output_process(state, coefs, left, right, frames);
  for (uint32_t n = 0; n < frames; n++) spoil(coefs, left + n);
}
