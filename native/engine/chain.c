#include "chain.h"

uint32_t chain_latency_frames(const stream_format *format) {
  return bypass_latency_frames(format) + limiter_latency_frames(format);
}

void chain_design(chain_coefs *coefs, const chain_params *params, const stream_format *format) {
  chain_params held = *params;
  chain_hold(&held);
  bypass_design(&coefs->bypass, &held.bypass, format);
  input_design(&coefs->input, &held.input, format);
  agc_design(&coefs->agc, &held.agc, format);
  eq_design(&coefs->eq, &held.eq, format);
  stereo_design(&coefs->stereo, &held.stereo, format);
  multiband_design(&coefs->multiband, &held.multiband, format);
  compressor_design(&coefs->compressor, &held.compressor, format);
  clipper_design(&coefs->clipper, &held.clipper, format);
  generator_design(&coefs->generator, &held.generator, format);
  limiter_design(&coefs->limiter, &held.limiter, format);
  output_design(&coefs->output, &held.output, format);
}

void chain_announce(chain_coefs *coefs, uint64_t serial, uint32_t ramp_frames) {
  coefs_change change = {serial, ramp_frames < CHAIN_RAMP_FRAMES ? ramp_frames : CHAIN_RAMP_FRAMES};
  coefs->bypass.change = coefs->input.change = coefs->agc.change = coefs->eq.change = coefs->stereo.change = change;
  coefs->multiband.change = coefs->compressor.change = coefs->clipper.change = change;
  coefs->generator.change = coefs->limiter.change = coefs->output.change = change;
}

void chain_reset(chain *state) {
  bypass_reset(&state->bypass);
  input_reset(&state->input);
  agc_reset(&state->agc);
  eq_reset(&state->eq);
  stereo_reset(&state->stereo);
  multiband_reset(&state->multiband);
  compressor_reset(&state->compressor);
  clipper_reset(&state->clipper);
  generator_reset(&state->generator);
  limiter_reset(&state->limiter);
  output_reset(&state->output);
}

void chain_process_before_eq(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  bypass_remember(&state->bypass, left, right, frames);
  input_process(&state->input, &coefs->input, left, right, frames);
  agc_process(&state->agc, &coefs->agc, left, right, frames);
}

void chain_process_after_eq(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  stereo_process(&state->stereo, &coefs->stereo, left, right, frames);
  multiband_process(&state->multiband, &coefs->multiband, left, right, frames);
  compressor_process(&state->compressor, &coefs->compressor, left, right, frames);
  clipper_process(&state->clipper, &coefs->clipper, left, right, frames);
  bypass_process(&state->bypass, &coefs->bypass, left, right, frames);
  generator_process(&state->generator, &coefs->generator, left, right, frames);
  limiter_process(&state->limiter, &coefs->limiter, left, right, frames);
  output_process(&state->output, &coefs->output, left, right, frames);
}

static void process_chunk(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  chain_process_before_eq(state, coefs, left, right, frames);
  eq_process(&state->eq, &coefs->eq, left, right, frames);
  chain_process_after_eq(state, coefs, left, right, frames);
}

void chain_process(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames) {
  for (uint32_t done = 0; done < frames; done += CHAIN_CHUNK_FRAMES) {
    uint32_t rest = frames - done;
    process_chunk(state, coefs, left + done, right + done, rest < CHAIN_CHUNK_FRAMES ? rest : CHAIN_CHUNK_FRAMES);
  }
}
