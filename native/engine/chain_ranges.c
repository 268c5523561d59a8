/* chain_ranges.c - the range of every parameter, as the kernels' headers give it. The kernels size their memory by these ranges, so what
 * is designed lies inside them, whoever the caller is. tests/native/test_ranges.py holds them against control/table.py. */
#include "chain.h"

static void number(double *value, double low, double high) {
  if (!(*value >= low)) *value = low; /* NaN too */
  if (*value > high) *value = high;
}

static void choice(int32_t *value, int32_t last) {
  if (*value < 0) *value = 0;
  if (*value > last) *value = last;
}

static void onoff(int32_t *value) { *value = *value != 0; }

static void hold_input(input_params *p) {
  number(&p->trim_db, -24, 24);
  choice(&p->channels, 4);
  onoff(&p->invert_left);
  onoff(&p->invert_right);
  onoff(&p->dc_block);
  onoff(&p->subsonic);
  number(&p->subsonic_hz, 10, 80);
  onoff(&p->phase_rotator);
  onoff(&p->repair);
}

static void hold_agc(agc_params *p) {
  onoff(&p->on);
  number(&p->target_lufs, -36, -8);
  number(&p->range_db, 0, 24);
  number(&p->window_db, 0, 10);
  number(&p->window_speed_percent, 1, 100);
  number(&p->attack_db_per_s, 0.1, 20);
  number(&p->release_db_per_s, 0.1, 20);
  number(&p->gate_lufs, -70, -20);
  number(&p->platform_db, -20, 20);
  number(&p->drift_db_per_s, 0, 1);
  number(&p->bass_coupling_percent, 0, 100);
  number(&p->crossover_hz, 80, 400);
}

static void hold_eq_band(eq_band_params *p) {
  onoff(&p->on);
  choice(&p->type, 8);
  choice(&p->channel, 4);
  choice(&p->slope_db_per_oct, 8);
  number(&p->frequency_hz, 10, 20000);
  number(&p->gain_db, -24, 24);
  number(&p->q, 0.1, 40);
  onoff(&p->dynamic);
  choice(&p->detector, 1);
  number(&p->threshold_db, -80, 0);
  number(&p->ratio, 1, 20);
  number(&p->range_db, -24, 24);
  number(&p->attack_ms, 0.5, 500);
  number(&p->release_ms, 5, 5000);
}

static void hold_eq(eq_params *p) {
  onoff(&p->on);
  for (int band = 0; band < EQ_BANDS; band++) hold_eq_band(&p->band[band]);
}

static void hold_stereo(stereo_params *p) {
  onoff(&p->on);
  number(&p->width_percent, 0, 200);
  number(&p->mid_side_balance_db, -12, 12);
  number(&p->balance_db, -12, 12);
  onoff(&p->mono_bass);
  number(&p->mono_below_hz, 40, 400);
  onoff(&p->banded);
  number(&p->low_mid_hz, 60, 1000);
  number(&p->mid_high_hz, 1000, 10000);
  number(&p->low_width_percent, 0, 200);
  number(&p->mid_width_percent, 0, 200);
  number(&p->high_width_percent, 0, 200);
}

static void hold_multiband_band(multiband_band_params *p) {
  onoff(&p->on);
  onoff(&p->solo);
  onoff(&p->mute);
  number(&p->threshold_db, -60, 0);
  number(&p->ratio, 1, 100);
  number(&p->knee_db, 0, 24);
  number(&p->attack_ms, 0.1, 1000);
  number(&p->release_ms, 5, 5000);
  onoff(&p->auto_release);
  number(&p->range_db, 0, 60);
  number(&p->gain_db, -24, 24);
  onoff(&p->limit);
  number(&p->limit_db, -40, 0);
}

static void hold_multiband(multiband_params *p) {
  onoff(&p->on);
  choice(&p->bands, 4);
  choice(&p->slope_db_per_oct, 1);
  number(&p->crossover_1_hz, 20, 20000);
  number(&p->crossover_2_hz, 20, 20000);
  number(&p->crossover_3_hz, 20, 20000);
  number(&p->crossover_4_hz, 20, 20000);
  number(&p->crossover_5_hz, 20, 20000);
  number(&p->coupling_percent, 0, 100);
  number(&p->link_percent, 0, 100);
  number(&p->mix_percent, 0, 100);
  for (int band = 0; band < MULTIBAND_BANDS; band++) hold_multiband_band(&p->band[band]);
}

static void hold_compressor(compressor_params *p) {
  onoff(&p->on);
  choice(&p->detector, 1);
  number(&p->threshold_db, -60, 0);
  number(&p->ratio, 1, 100);
  number(&p->knee_db, 0, 24);
  number(&p->attack_ms, 0.1, 1000);
  number(&p->release_ms, 5, 5000);
  onoff(&p->auto_release);
  number(&p->lookahead_ms, 0, 5);
  number(&p->rms_window_ms, 1, 100);
  number(&p->sidechain_high_pass_hz, 20, 500);
  choice(&p->sidechain_slope_db_per_oct, 2);
  number(&p->link_percent, 0, 100);
  number(&p->range_db, 0, 60);
  number(&p->makeup_db, -12, 24);
  onoff(&p->auto_makeup);
  number(&p->mix_percent, 0, 100);
}

static void hold_clipper(clipper_params *p) {
  onoff(&p->on);
  number(&p->drive_db, 0, 12);
  number(&p->threshold_db, -12, 0);
  number(&p->softness_percent, 0, 100);
}

static void hold_generator(generator_params *p) {
  onoff(&p->on);
  choice(&p->signal, 1);
  number(&p->frequency_hz, 20, 20000);
  number(&p->level_dbfs, -60, 0);
}

static void hold_limiter(limiter_params *p) {
  choice(&p->mode, 2);
  number(&p->drive_db, 0, 24);
  number(&p->ceiling_dbtp, -12, 0);
  number(&p->hold_ms, 0, 50);
  number(&p->release_ms, 10, 1000);
  number(&p->release_slow_ms, 100, 5000);
}

static void hold_output(output_params *p) {
  number(&p->trim_db, -24, 0);
  onoff(&p->mute);
  choice(&p->word_bits, 3);
  choice(&p->noise_shaping, 1);
}

void chain_hold(chain_params *params) {
  onoff(&params->bypass.on);
  hold_input(&params->input);
  hold_agc(&params->agc);
  hold_eq(&params->eq);
  hold_stereo(&params->stereo);
  hold_multiband(&params->multiband);
  hold_compressor(&params->compressor);
  hold_clipper(&params->clipper);
  hold_generator(&params->generator);
  hold_limiter(&params->limiter);
  hold_output(&params->output);
}
