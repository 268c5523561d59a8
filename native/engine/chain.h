/* chain.h - every processor in its order: input, agc, eq, stereo, multiband, compressor, clipper (these may be bypassed), then what
 * never is: generator, limiter, output.
 * Nothing here depends on the block size; nothing can fail. */
#pragma once
#include "agc.h"
#include "bypass.h"
#include "clipper.h"
#include "compressor.h"
#include "eq.h"
#include "generator.h"
#include "input.h"
#include "limiter.h"
#include "multiband.h"
#include "output.h"
#include "stereo.h"

enum { CHAIN_CHUNK_FRAMES = 256 }; /* longer blocks are cut into these */
enum {
  CHAIN_RAMP_FRAMES = 0x7fffffff
}; /* longer ramps are held at this: 3 h at 192 kHz; kernels count in int32_t where that is a vector */

typedef struct {
  bypass_params bypass;
  input_params input;
  agc_params agc;
  eq_params eq;
  stereo_params stereo;
  multiband_params multiband;
  compressor_params compressor;
  clipper_params clipper;
  generator_params generator;
  limiter_params limiter;
  output_params output;
} chain_params;

typedef struct {
  bypass_coefs bypass;
  input_coefs input;
  agc_coefs agc;
  eq_coefs eq;
  stereo_coefs stereo;
  multiband_coefs multiband;
  compressor_coefs compressor;
  clipper_coefs clipper;
  generator_coefs generator;
  limiter_coefs limiter;
  output_coefs output;
} chain_coefs;

typedef struct {
  bypass bypass;
  input input;
  agc agc;
  eq eq;
  stereo stereo;
  multiband multiband;
  compressor compressor;
  clipper clipper;
  generator generator;
  limiter limiter;
  output output;
} chain;

uint32_t chain_latency_frames(const stream_format *format); /* any thread; constant for a format */
/* Any thread: whatever is outside of its range is put to the end of it; NaN to the lower one. */
void chain_hold(chain_params *params);
/* Any thread, pure; of the held params. */
void chain_design(chain_coefs *coefs, const chain_params *params, const stream_format *format);
void chain_announce(chain_coefs *coefs, uint64_t serial, uint32_t ramp_frames); /* any thread: stamps the change on every stage */
void chain_reset(chain *state); /* audio thread */
/* What chain_process does before and after the equaliser. Alone they are for files, with something else in its place; then the chain
 * must not be bypassed: its delay knows nothing of that. */
void chain_process_before_eq(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames);
void chain_process_after_eq(chain *state, const chain_coefs *coefs, double *left, double *right, uint32_t frames);
void chain_process(chain *state, const chain_coefs *coefs, double *left, double *right,
                   uint32_t frames); /* audio thread, in place */
