/* quad.h - four numbers in one vector: two bands with two channels each, or two sections of a cascade. */
#pragma once
#include <stdint.h>
#include <string.h>

#include "pair.h"

typedef double quad __attribute__((vector_size(32)));

/* By value, since always inlined: no call passes one (-Wno-psabi: no processor's convention for it matters). */

INLINED quad quad_of(double all) { return (quad){all, all, all, all}; }

INLINED quad quad_load(const double four[4]) {
  quad q;
  memcpy(&q, four, sizeof q);
  return q;
}
INLINED void quad_store(double four[4], quad q) { memcpy(four, &q, sizeof q); }

/* a > b ? a : b in each lane, by the mask that the comparison gives. */
typedef int64_t quad_mask __attribute__((vector_size(32)));
INLINED quad quad_chosen(quad_mask first, quad a, quad b) { return (quad)((first & (quad_mask)a) | (~first & (quad_mask)b)); }
INLINED quad quad_larger(quad a, quad b) { return quad_chosen(a > b, a, b); }
INLINED quad quad_smaller(quad a, quad b) { return quad_chosen(a < b, a, b); }

/* Two bands' left and right become right and left. */
INLINED quad quad_crossed(quad q) { return __builtin_shufflevector(q, q, 1, 0, 3, 2); }
