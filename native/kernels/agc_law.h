/* agc_law.h - where the gains of the leveller go, once in 10 ms. Audio thread. */
#pragma once
#include "agc.h"

/* At the end of a bin of the detector: moves gain_db and applied_db. */
void agc_law_move(agc *state, const agc_coefs *coefs);
/* A first gain: within the range, and heard at once. */
void agc_law_start(agc *state, const agc_coefs *coefs);
