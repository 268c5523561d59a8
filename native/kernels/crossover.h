/* crossover.h - Linkwitz-Riley bands, lowest first, that sum to an all-pass.
 *
 * Edge j cuts what is left over into band j and the rest. With L the Butterworth low-pass of order 2 (LR24) or 4 (LR48), H the
 * high-pass and A the all-pass over the same poles (Linkwitz, JAES 24(1), 1976; Lipshitz and Vanderkooy, JAES 34(9), 1986):
 *     L^2 + H^2 = A       LR24: A = (s^2 - r s + 1) / (s^2 + r s + 1), r = sqrt 2       LR48: A = A_1 A_2, its two pole pairs
 * so      band_j = L^2 rest     rest <- A rest - band_j     and each lower band passes A once more, so that all keep in phase.
 * A and the first L share one filter. The sum of all bands is the product of the A to rounding, whatever the frequencies do: they
 * may move at every frame. The sum taken before any gain is the dry programme in phase with the bands.
 *
 * Sections are trapezoidal state-variable filters (svf.h), g = tan(pi f / f_s): the warping of the bilinear transform is what keeps
 * L, H and A complementary. Latency 0. */
#pragma once
#include "format.h"

enum { CROSSOVER_24, CROSSOVER_48 };
enum { CROSSOVER_EDGES = 5, CROSSOVER_BANDS = 6, CROSSOVER_LANES = 12, CROSSOVER_FRAMES = 64 };

/* Memory of the filters: s1 and s2, then channel, or lanes of two bands. */
typedef struct {
  double split[5][5][2][2];    /* edge; four low-passes in a row (LR24: two), the second all-pass of LR48 */
  double align[5][2][2][2][4]; /* edge; pole pair; bands 0 and 1, or 2 and 3 */
} crossover;

/* Where the edges stand: at `g`, or frame by frame, while `g_at[edge]` is not NULL. */
typedef struct {
  int32_t edges; /* bands - 1 */
  int32_t slope; /* CROSSOVER_... */
  double g[5];
  const double *g_at[5];
} crossover_place;

/* Rising, at least a factor of 1.25 apart where there is room for it, all between 20 Hz and 0.46 of the sample rate. In place. */
void crossover_put_in_order(double *frequency_hz, int32_t edges, double sample_rate_hz); /* any thread, pure */
void crossover_reset(crossover *state);                                                 /* audio thread */
/* At most CROSSOVER_FRAMES. Frame n of band b, channel c goes to bands[n * lanes + 2 b + c]; lanes = 2 bands, or 2 bands + 2 of
 * which the last two are silent when their number is odd. Audio thread. */
void crossover_process(crossover *state, const crossover_place *place, const double *left, const double *right, double *bands,
                       uint32_t frames);
int32_t crossover_is_sane(const crossover *state); /* 0: something is beyond +300 dBFS or not a number */
void crossover_drop_denormals(crossover *state); /* what has decayed below -600 dBFS is silence */
