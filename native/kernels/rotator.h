/* rotator.h - makes the peaks of speech alike on both sides of zero: four first-order all-passes in series at 200 Hz.
 *
 *     A(s) = ((1 - s) / (1 + s))^4, s = j tan(pi f/fs) / tan(pi 200/fs)      |A| = 1; the phase turns by 720 degrees from 0 Hz to Nyquist
 * The harmonics of a voice start together in every period of the larynx; turned each by its own angle they no longer add up to one tall
 * peak on one side. Switched by a straight crossfade; off it lets every bit through. Audio thread. */
#pragma once
#include <stdint.h>

enum { ROTATOR_SECTIONS = 4 };

typedef struct {
  double share; /* g / (1 + g), g = tan(pi 200/fs) */
} rotator_coefs;

typedef struct {
  double wet, wet_step; /* 0 .. 1 */
  double memory[ROTATOR_SECTIONS][2];
} rotator;

void rotator_design(rotator_coefs *coefs, double sample_rate_hz); /* any thread, pure */
/* 1 when there is a way to go in `frames`; then rotator_land has to be called at its end. */
int32_t rotator_aim(rotator *state, int32_t on, uint32_t frames);
void rotator_land(rotator *state, int32_t on);
void rotator_quieten(rotator *state); /* quiet.h; to be called on its clock */
void rotator_process(rotator *state, const rotator_coefs *coefs, double *left, double *right, uint32_t frames);
