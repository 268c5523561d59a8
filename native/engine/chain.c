#include "chain.h"

uint32_t chain_latency_frames(const stream_format *format) {
  return compressor_latency_frames(format) + limiter_latency_frames(format);
}

void chain_design(chain_coefs *coefs, const chain_params *params, const stream_format *format) {
  bypass_design(&coefs->bypass, &params->bypass, format);
  input_design(&coefs->input, &params->input, format);
  eq_design(&coefs->eq, &params->eq, format);
  compressor_design(&coefs->compressor, &params->compressor, format);
  limiter_design(&coefs->limiter, &params->limiter, format);
}

void chain_announce(chain_coefs *coefs, uint64_t serial, uint32_t ramp_frames) {
  coefs_change change = {serial, ramp_frames};
  coefs->bypass.change = coefs->input.change = coefs->eq.change = change;
  coefs->compressor.change = coefs->limiter.change = change;
}

void chain_reset(chain *state) {
  bypass_reset(&state->bypass);
  input_reset(&state->input);
  eq_reset(&state->eq);
  compressor_reset(&state->compressor);
  limiter_reset(&state->limiter);
}

static void process_chunk(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  bypass_remember(&state->bypass, left, right, frames);
  input_process(&state->input, &coefs->input, left, right, frames);
  eq_process(&state->eq, &coefs->eq, left, right, frames);
  compressor_process(&state->compressor, &coefs->compressor, left, right, frames);
  bypass_process(&state->bypass, &coefs->bypass, left, right, frames);
  limiter_process(&state->limiter, &coefs->limiter, left, right, frames);
}

void chain_process(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  for (uint32_t done = 0; done < frames; done += CHAIN_CHUNK_FRAMES) {
    uint32_t rest = frames - done;
    process_chunk(state, coefs, left + done, right + done, rest < CHAIN_CHUNK_FRAMES ? rest : CHAIN_CHUNK_FRAMES);
  }
}
