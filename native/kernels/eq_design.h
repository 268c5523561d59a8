/* eq_design.h - between the files that design the equaliser. Not bound. Any thread, pure. */
#pragma once
#include "eq.h"

uint32_t eq_tick_frames(double sample_rate_hz);
/* Everything of a dynamic band but its nodes. */
void eq_dynamics_design(eq_dynamics_coefs *coefs, int32_t band, const eq_band_params *params, double sample_rate_hz);
