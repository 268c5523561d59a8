/* monotonic.h - the clock that never jumps. The includer defines _POSIX_C_SOURCE 199309L before its first header. */
#pragma once
#include <stdint.h>
#include <time.h>

/* Any thread. */
static inline uint64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now); /* vDSO: no system call */
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
