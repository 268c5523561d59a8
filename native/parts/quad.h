/* quad.h - four numbers in one vector: two bands with two channels each, or two sections of a cascade. */
#pragma once
#include <stdint.h>
#include <string.h>

#include "pair.h"

typedef double quad __attribute__((vector_size(32)));
typedef int64_t quad_mask __attribute__((vector_size(32)));

/* By value, since always inlined: no call passes one (-Wno-psabi: no processor's convention for it matters). */

INLINED quad quad_of(double all) { return (quad){all, all, all, all}; }

INLINED quad quad_load(const double four[4]) {
  quad q;
  memcpy(&q, four, sizeof q);
  return q;
}
INLINED void quad_store(double four[4], quad q) { memcpy(four, &q, sizeof q); }

/* a > b ? a : b in each lane. A loop that is still one when GCC looks for vectors becomes a single instruction; written with masks, or
 * unrolled before, it takes three or twelve. */
#if defined(__GNUC__) && !defined(__clang__)
#define STAY_A_LOOP _Pragma("GCC unroll 1")
#else
#define STAY_A_LOOP
#endif

/* Before a short loop over vectors whose every turn must be code of its own, or their indices would keep them out of registers. */
#ifdef __GNUC__
#define UNROLLED _Pragma("GCC unroll 8")
#else
#define UNROLLED
#endif
INLINED quad quad_larger(quad first, quad second) {
  double a[4], b[4];
  quad_store(a, first), quad_store(b, second);
  STAY_A_LOOP for (int lane = 0; lane < 4; lane++) a[lane] = a[lane] > b[lane] ? a[lane] : b[lane];
  return quad_load(a);
}
INLINED quad quad_smaller(quad first, quad second) {
  double a[4], b[4];
  quad_store(a, first), quad_store(b, second);
  STAY_A_LOOP for (int lane = 0; lane < 4; lane++) a[lane] = a[lane] < b[lane] ? a[lane] : b[lane];
  return quad_load(a);
}

/* Two bands' left and right become right and left. */
INLINED quad quad_crossed(quad q) { return __builtin_shufflevector(q, q, 1, 0, 3, 2); }
