#include "limiter.h"

void limiter_design(limiter_coefs *coefs, const limiter_params *params, const stream_format *format) {
  (void)params, (void)format;
  coefs->change = (coefs_change){1, 0};
}
void limiter_reset(limiter *state) { *state = (limiter){0}; }
void limiter_process(limiter *state, const limiter_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)left, (void)right, (void)frames;
  state->serial = coefs->change.serial;
}
uint32_t limiter_latency_frames(const stream_format *format) { (void)format; return 0; }
