#include "compressor.h"

void compressor_design(compressor_coefs *coefs, const compressor_params *params, const stream_format *format) {
  (void)params, (void)format;
  coefs->change = (coefs_change){1, 0};
}
void compressor_reset(compressor *state) { *state = (compressor){0}; }
void compressor_process(compressor *state, const compressor_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)left, (void)right, (void)frames;
  state->serial = coefs->change.serial;
}
uint32_t compressor_latency_frames(const stream_format *format) { (void)format; return 0; }
