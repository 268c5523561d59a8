/* Denormals are zero between enter and leave, and the caller's mode comes back to the bit. */
#include <fenv.h>
#include <float.h>

#include "check.h"
#include "fpu.h"

static volatile double tiny = DBL_MIN, half = 0.5, third = 1.0 / 3.0, one = 1.0, three = 3.0;

#define CONTROL 0xffffffc0u /* all but the sticky exception flags of MXCSR; FPCR has none */

#if defined(__x86_64__) || defined(__aarch64__)
int main(void) {
  CHECK(tiny * half > 0);
  uint64_t before = fpu_enter();
  CHECK(tiny * half == 0);
  fpu_leave(before);
  CHECK(tiny * half > 0);

  CHECK(!fesetround(FE_UPWARD));
  before = fpu_enter();
  CHECK(one / three == third);
  fpu_leave(before);
  CHECK(fegetround() == FE_UPWARD && one / three > third);
  CHECK(((fpu_enter() ^ before) & CONTROL) == 0);
}
#else
int main(void) { puts("no mode to set on this processor"); }
#endif
