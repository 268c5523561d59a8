/* s_curve.h - how a ramp starts and ends: from 0 to 1 with no step in value, slope or curvature, 6 t^5 - 15 t^4 + 10 t^3. */
#pragma once

static inline double s_curve(double t) { return t * t * t * (t * (6 * t - 15) + 10); }
