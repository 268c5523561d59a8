#include "agc.h"

void agc_design(agc_coefs *coefs, const agc_params *params, const stream_format *format) {
  (void)params, (void)format;
  *coefs = (agc_coefs){{0}};
}
void agc_reset(agc *state) { *state = (agc){0}; }
void agc_process(agc *state, const agc_coefs *coefs, double *left, double *right, uint32_t frames) {
  (void)left, (void)right, (void)frames;
  state->serial = coefs->change.serial;
}
void agc_recall(agc *state, const double gain_db[2]) { state->gain_db[0] = gain_db[0], state->gain_db[1] = gain_db[1]; }
