/* compression.h - the compressor's law, one frame at a time, on any number of lanes: a pair for one compressor's two channels, a
 * quad for two bands with two channels each; the same sums in the same order, so a lane does not know its neighbours. The law is
 * that of compressor.h. A step is 1 - pole. */
#pragma once
#include "decibel.h"
#include "knee.h"
#include "pair.h"
#include "quad.h"
#include "quiet.h"

/* Keeps every recursion away from denormals: -240 dB of power, and a reduction that rounds to a gain of exactly 1. */
#define QUIET_POWER 1e-24
#define QUIET_REDUCTION_DB 1e-30
#define LOUDEST 1e12 /* +240 dBFS: beyond it, and NaN, is no sound */

/* Power is at least QUIET_POWER, and gains lie between -400 and +60 dB: neither needs the guards of decibel.h. */
INLINED double power_db(double power) { return DECIBEL_PER_POWER_OCTAVE * log2_of_positive(power); }
INLINED double gain_of(double decibel) { return exp2_within_1000(decibel * (1 / DECIBEL_PER_AMPLITUDE_OCTAVE)); }

/* Where the direction decides between two steps, the larger or the smaller result is the right one: no branch.
 *   hold_peaks    h = max(c, h + (c - h) r)
 *   charge        the slow release: towards what is held, quickly up and slowly down
 *   smooth        y = y + (h - y) a, with fall_step >= attack_step */
#define DEFINE_COMPRESSION(lanes)                                                                                    \
  INLINED lanes lanes##_toward(lanes value, lanes target, lanes step) { return (1 - step) * value + step * target; } \
  INLINED lanes lanes##_hold_peaks(lanes held, lanes wanted, lanes release_step) {                                   \
    return lanes##_larger(wanted, lanes##_toward(held, wanted, release_step));                                       \
  }                                                                                                                  \
  INLINED lanes lanes##_charge(lanes slow, lanes held, lanes charge_step, lanes slow_step) {                         \
    return lanes##_larger(lanes##_toward(slow, held, charge_step), lanes##_toward(slow, held, slow_step));           \
  }                                                                                                                  \
  INLINED lanes lanes##_smooth(lanes value, lanes target, lanes attack_step, lanes fall_step) {                      \
    return lanes##_smaller(lanes##_toward(value, target, attack_step), lanes##_toward(value, target, fall_step));    \
  }

DEFINE_COMPRESSION(pair)
DEFINE_COMPRESSION(quad)
DEFINE_KNEE(quad_knee_reduction_db, quad, quad_larger, quad_smaller)
