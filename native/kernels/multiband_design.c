/* multiband_design.c - from what the operator sets to the numbers of the loop; each band's come from the compressor's own design. */
#include <math.h>

#include "multiband.h"

static const double PI = 3.14159265358979323846;
static const double LIMIT_ATTACK_MS = 0.5, LIMIT_RELEASE_MS = 100;

static void design_limit(multiband_coefs *coefs, const stream_format *format) {
  const compressor_params params = {.on = 1, .ratio = 100, .attack_ms = LIMIT_ATTACK_MS, .release_ms = LIMIT_RELEASE_MS};
  compressor_coefs limit;
  compressor_design(&limit, &params, format);
  coefs->limit_attack_step = limit.law.attack_step;
  coefs->limit_release_step = limit.law.release_step;
}

static void design_compressor(multiband_coefs *coefs, const multiband_band_params *band, int i, const stream_format *format) {
  const compressor_params params = {.on = band->on,
                                    .detector = DETECTOR_PEAK,
                                    .threshold_db = band->threshold_db,
                                    .ratio = band->ratio,
                                    .knee_db = band->knee_db,
                                    .attack_ms = band->attack_ms,
                                    .release_ms = band->release_ms,
                                    .auto_release = band->auto_release,
                                    .range_db = band->range_db,
                                    .mix_percent = 100};
  compressor_coefs designed;
  compressor_design(&designed, &params, format);
  multiband_law *to = &coefs->law;
  const compressor_law *law = &designed.law;
  to->threshold_db[i] = law->threshold_db;
  to->slope[i] = law->slope;
  to->knee_db[i] = law->knee_db;
  to->range_db[i] = law->range_db;
  to->attack_step[i] = law->attack_step;
  to->fall_step[i] = law->fall_step;
  to->release_step[i] = law->release_step;
  to->auto_share[i] = law->auto_share;
  to->auto_release_step[i] = law->auto_release_step;
  to->active[i] = law->active;
  coefs->hold_step = designed.hold_step;
  coefs->charge_step = designed.charge_step;
}

static void design_level(multiband_law *law, const multiband_params *params, int i, int any_solo) {
  const multiband_band_params *band = &params->band[i];
  law->gain_db[i] = band->gain_db;
  law->heard[i] = !band->mute && (!any_solo || band->solo) ? 1 : 0;
  law->limit_share[i] = band->limit ? 1 : 0;
  law->limit_db[i] = band->limit_db;
}

static void design_crossovers(multiband_coefs *coefs, const multiband_params *params, double sample_rate_hz) {
  const double set_hz[] = {params->crossover_1_hz, params->crossover_2_hz, params->crossover_3_hz, params->crossover_4_hz,
                           params->crossover_5_hz};
  for (int i = 0; i < coefs->bands - 1; i++) coefs->crossover_hz[i] = set_hz[i];
  crossover_put_in_order(coefs->crossover_hz, coefs->bands - 1, sample_rate_hz);
  for (int i = 0; i < coefs->bands - 1; i++) coefs->law.crossover_g[i] = tan(PI * coefs->crossover_hz[i] / sample_rate_hz);
}

void multiband_design(multiband_coefs *coefs, const multiband_params *params, const stream_format *format) {
  *coefs = (multiband_coefs){.change = {1, 0}, .bands = params->bands + 2, .slope = params->slope_db_per_oct};
  int any_solo = 0;
  for (int i = 0; i < coefs->bands; i++) any_solo |= params->band[i].solo;
  for (int i = 0; i < MULTIBAND_BANDS; i++) {
    design_compressor(coefs, &params->band[i], i, format);
    design_level(&coefs->law, params, i, any_solo);
  }
  coefs->least_fade_frames = (uint32_t)(0.005 * format->sample_rate_hz);
  design_limit(coefs, format);
  design_crossovers(coefs, params, format->sample_rate_hz);
  coefs->law.link = params->link_percent / 100;
  coefs->law.coupling = params->coupling_percent / 100;
  coefs->law.mix = params->mix_percent / 100;
  coefs->law.share = params->on ? 1 : 0;
}
