/* multiband_bands.h - what happens to the bands of one stretch of at most MULTIBAND_CHUNK frames; within the kernel, not bound. */
#pragma once
#include "multiband.h"

enum { MULTIBAND_CHUNK = CROSSOVER_FRAMES };

/* How far the law has come: at `from`, or at from + span * u[n] for frame n where u is not NULL. */
typedef struct {
  const multiband_law *from, *span;
  const double *u;
} multiband_way;

/* Cuts into bands, reduces them and adds them up; leaves the largest reduction seen, times what is on, in `reduction_db`. In place. */
void multiband_bands_process(multiband_split *split, const multiband_coefs *coefs, const multiband_way *way,
                             double reduction_db[MULTIBAND_BANDS][2], double *left, double *right, uint32_t frames);
