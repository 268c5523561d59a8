/* random_params.h - any parameters an operator could set: the ranges are those in the kernels' headers. */
#pragma once
#include "chain.h"
#include "check.h"

static inline int32_t any_of(dice *d, int last) { return (int32_t)dice_below(d, (uint32_t)last + 1); }

/* Ends of a range are drawn as often as all the rest. */
static inline double anywhere(dice *d, double low, double high) {
  uint32_t where = dice_below(d, 4);
  return where == 0 ? low : where == 1 ? high : dice_between(d, low, high);
}

static inline input_params random_input(dice *d) {
  return (input_params){.trim_db = anywhere(d, -24, 24),
                        .channels = any_of(d, CHANNELS_MONO),
                        .invert_left = any_of(d, 1),
                        .invert_right = any_of(d, 1),
                        .dc_block = any_of(d, 1),
                        .subsonic = any_of(d, 1),
                        .subsonic_hz = anywhere(d, 10, 80),
                        .phase_rotator = any_of(d, 1),
                        .repair = any_of(d, 1)};
}

static inline agc_params random_agc(dice *d) {
  return (agc_params){.on = any_of(d, 1),
                      .target_lufs = anywhere(d, -36, -8),
                      .range_db = anywhere(d, 0, 24),
                      .window_db = anywhere(d, 0, 10),
                      .window_speed_percent = anywhere(d, 1, 100),
                      .attack_db_per_s = anywhere(d, 0.1, 20),
                      .release_db_per_s = anywhere(d, 0.1, 20),
                      .gate_lufs = anywhere(d, -70, -20),
                      .platform_db = anywhere(d, -20, 20),
                      .drift_db_per_s = anywhere(d, 0, 1),
                      .bass_coupling_percent = anywhere(d, 0, 100),
                      .crossover_hz = anywhere(d, 80, 400)};
}

static inline stereo_params random_stereo(dice *d) {
  return (stereo_params){.on = any_of(d, 1),
                         .width_percent = anywhere(d, 0, 200),
                         .mid_side_balance_db = anywhere(d, -12, 12),
                         .balance_db = anywhere(d, -12, 12),
                         .mono_bass = any_of(d, 1),
                         .mono_below_hz = anywhere(d, 40, 400),
                         .banded = any_of(d, 1),
                         .low_mid_hz = anywhere(d, 60, 1000),
                         .mid_high_hz = anywhere(d, 1000, 10000),
                         .low_width_percent = anywhere(d, 0, 200),
                         .mid_width_percent = anywhere(d, 0, 200),
                         .high_width_percent = anywhere(d, 0, 200)};
}

static inline eq_band_params random_band(dice *d) {
  return (eq_band_params){.on = any_of(d, 1),
                          .type = any_of(d, EQ_ALL_PASS),
                          .channel = any_of(d, EQ_SIDE),
                          .slope_db_per_oct = any_of(d, EQ_SLOPE_96),
                          .frequency_hz = anywhere(d, 10, 20000),
                          .gain_db = anywhere(d, -24, 24),
                          .q = anywhere(d, 0.1, 40),
                          .dynamic = any_of(d, 1),
                          .detector = any_of(d, EQ_WIDE),
                          .threshold_db = anywhere(d, -80, 0),
                          .ratio = anywhere(d, 1, 20),
                          .range_db = anywhere(d, -24, 24),
                          .attack_ms = anywhere(d, 0.5, 500),
                          .release_ms = anywhere(d, 5, 5000)};
}

static inline compressor_params random_compressor(dice *d) {
  return (compressor_params){.on = any_of(d, 1),
                             .detector = any_of(d, DETECTOR_RMS),
                             .threshold_db = anywhere(d, -60, 0),
                             .ratio = anywhere(d, 1, 100),
                             .knee_db = anywhere(d, 0, 24),
                             .attack_ms = anywhere(d, 0.1, 1000),
                             .release_ms = anywhere(d, 5, 5000),
                             .auto_release = any_of(d, 1),
                             .lookahead_ms = anywhere(d, 0, 5),
                             .rms_window_ms = anywhere(d, 1, 100),
                             .sidechain_high_pass_hz = anywhere(d, 20, 500),
                             .sidechain_slope_db_per_oct = any_of(d, SIDECHAIN_24),
                             .link_percent = anywhere(d, 0, 100),
                             .range_db = anywhere(d, 0, 60),
                             .makeup_db = anywhere(d, -12, 24),
                             .auto_makeup = any_of(d, 1),
                             .mix_percent = anywhere(d, 0, 100)};
}

static inline limiter_params random_limiter(dice *d) {
  return (limiter_params){.drive_db = anywhere(d, 0, 24),
                          .ceiling_dbtp = anywhere(d, -12, 0),
                          .hold_ms = anywhere(d, 0, 50),
                          .release_ms = anywhere(d, 10, 1000),
                          .release_slow_ms = anywhere(d, 100, 5000)};
}

static inline chain_params random_params(dice *d) {
  chain_params p = {.bypass.on = any_of(d, 1),
                    .input = random_input(d),
                    .agc = random_agc(d),
                    .stereo = random_stereo(d),
                    .compressor = random_compressor(d),
                    .limiter = random_limiter(d)};
  p.eq.on = any_of(d, 3) != 0;
  for (int band = 0; band < EQ_BANDS; band++) p.eq.band[band] = random_band(d);
  return p;
}
