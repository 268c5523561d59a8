/* bench_engine.h - an engine with flat parameters for a test in C. */
#pragma once
#include <pthread.h>
#include <string.h>

#include "check.h"
#include "engine.h"
#include "engine_state.h"

static inline chain_params flat_params(void) {
  chain_params p;
  memset(&p, 0, sizeof p);
  p.input.subsonic_hz = 20;
  p.eq.on = 1;
  for (int band = 0; band < EQ_BANDS; band++)
    p.eq.band[band] = (eq_band_params){.slope_db_per_oct = EQ_SLOPE_12, .frequency_hz = 1000, .q = 0.7071};
  p.compressor = (compressor_params){.threshold_db = -20,
                                     .ratio = 2,
                                     .knee_db = 6,
                                     .attack_ms = 20,
                                     .release_ms = 200,
                                     .rms_window_ms = 10,
                                     .sidechain_high_pass_hz = 80,
                                     .link_percent = 100,
                                     .range_db = 60,
                                     .mix_percent = 100};
  p.limiter = (limiter_params){.ceiling_dbtp = -1, .hold_ms = 10, .release_ms = 60, .release_slow_ms = 800};
  return p;
}

static inline engine *engine_new(const stream_format *format, const chain_params *params) {
  void *memory = aligned_alloc(64, engine_size());
  CHECK(memory);
  return engine_init(memory, format, params);
}
