#include <math.h>

#include "stereo.h"

static double corner(double frequency_hz, double sample_rate_hz) {
  return tan(3.14159265358979323846 * fmin(frequency_hz, 0.49 * sample_rate_hz) / sample_rate_hz);
}

static double amplitude(double gain_db) { return pow(10, gain_db / 20); }

static void design_gains(stereo_law *law, const stereo_params *params) {
  law->left = amplitude(-fmax(params->balance_db, 0));
  law->right = amplitude(fmin(params->balance_db, 0));
  law->mid = amplitude(-params->mid_side_balance_db / 2);
  law->side = amplitude(params->mid_side_balance_db / 2) * params->width_percent / 100;
  law->width[0] = params->low_width_percent / 100;
  law->width[1] = params->mid_width_percent / 100;
  law->width[2] = params->high_width_percent / 100;
}

void stereo_design(stereo_coefs *coefs, const stereo_params *params, const stream_format *format) {
  double rate_hz = format->sample_rate_hz;
  stereo_law *law = &coefs->law;
  *coefs = (stereo_coefs){.change = {1, 0}, .least_ramp_frames = (uint32_t)(0.005 * rate_hz)};
  *law = (stereo_law){.left = 1, .right = 1, .mid = 1, .side = 1, .width = {1, 1, 1}};
  if (params->on) design_gains(law, params);
  law->mono_bass = params->on && params->mono_bass ? 1 : 0;
  law->banded = params->on && params->banded ? 1 : 0;
  law->corner[0] = corner(params->mono_below_hz, rate_hz);
  law->corner[1] = corner(params->low_mid_hz, rate_hz);
  law->corner[2] = corner(params->mid_high_hz, rate_hz);
}
