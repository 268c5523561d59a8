/* svf.h - the trapezoidal state-variable filter, four at a time: the tick of cascade.h with as few operations as keep its precision.
 *
 *     d = x - s2    s1' = (s1 - e1 s1) + e2 d    s2' = (s2 + e2 s1) + e3 d    y = m0 x + h1 (s1 + s1') + h2 (s2 + s2')
 *     e1 = 2 g (g + k) / (1 + g (g + k))    e2 = 2 g / (1 + g (g + k))    e3 = g e2    h1 = m1 / 2    h2 = m2 / 2
 *
 * Only small numbers multiply the memory, so nothing is lost at low frequencies. Vectors travel by pointer: passing
 * them by value would depend on the processor the caller was compiled for. */
#pragma once
#include "quad.h"

typedef struct {
  quad e1, e2, e3, m0, h1, h2;
} svf_quad;

INLINED void svf_solve(svf_quad *f, const quad *g, const quad *k) {
  quad damping = *g * (*g + *k);
  quad twice = 2.0 / (1.0 + damping);
  f->e1 = damping * twice;
  f->e2 = *g * twice;
  f->e3 = *g * f->e2;
}

INLINED void svf_tick(const svf_quad *f, quad *s1, quad *s2, const quad *x, quad *y) {
  quad d = *x - *s2;
  quad band = (*s1 - f->e1 * *s1) + f->e2 * d;
  quad low = (*s2 + f->e2 * *s1) + f->e3 * d;
  *y = (f->m0 * *x + f->h1 * (*s1 + band)) + f->h2 * (*s2 + low);
  *s1 = band, *s2 = low;
}
