/* fpu.h - the floating-point mode of the audio thread: denormals are zero (a denormal multiply costs some 90 times a normal
 * one), rounding to nearest, no traps; whatever the host had set comes back on the way out. */
#pragma once
#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { FPU_AUDIO = 0x1f80 | 0x8040 }; /* all exceptions masked, nearest | FTZ, DAZ */
static inline uint64_t fpu_enter(void) {
  uint64_t before = _mm_getcsr();
  _mm_setcsr(FPU_AUDIO);
  return before;
}
static inline void fpu_leave(uint64_t before) { _mm_setcsr((unsigned)before); }
#elif defined(__aarch64__)
enum { FPU_AUDIO = 1 << 24 }; /* FZ */
static inline uint64_t fpu_enter(void) {
  uint64_t before;
  __asm__ volatile("mrs %0, fpcr" : "=r"(before)::"memory");
  __asm__ volatile("msr fpcr, %0" ::"r"((uint64_t)FPU_AUDIO) : "memory");
  return before;
}
static inline void fpu_leave(uint64_t before) { __asm__ volatile("msr fpcr, %0" ::"r"(before) : "memory"); }
#else /* the kernels are correct with denormals, only slower */
static inline uint64_t fpu_enter(void) { return 0; }
static inline void fpu_leave(uint64_t before) { (void)before; }
#endif
