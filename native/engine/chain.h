/* chain.h - every processor in its order: input, eq, compressor (these three may be bypassed), limiter (never).
 * Nothing here depends on the block size; nothing can fail. */
#pragma once
#include "bypass.h"
#include "compressor.h"
#include "eq.h"
#include "input.h"
#include "limiter.h"

enum { CHAIN_CHUNK_FRAMES = 256 }; /* longer blocks are cut into these */

typedef struct {
  bypass_params bypass;
  input_params input;
  eq_params eq;
  compressor_params compressor;
  limiter_params limiter;
} chain_params;

typedef struct {
  bypass_coefs bypass;
  input_coefs input;
  eq_coefs eq;
  compressor_coefs compressor;
  limiter_coefs limiter;
} chain_coefs;

typedef struct {
  bypass bypass;
  input input;
  eq eq;
  compressor compressor;
  limiter limiter;
} chain;

uint32_t chain_latency_frames(const stream_format *format); /* any thread; constant for a format */
void chain_design(chain_coefs *coefs, const chain_params *params, const stream_format *format); /* any thread, pure */
void chain_announce(chain_coefs *coefs, uint64_t serial, uint32_t ramp_frames); /* any thread: stamps the change on every stage */
void chain_reset(chain *state); /* audio thread */
void chain_process(chain *state, const chain_coefs *coefs, double *left, double *right,
                   uint32_t frames); /* audio thread, in place */
