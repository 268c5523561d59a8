/* libebur128 (Debian): M, S, I, LRA and true peak, not read while it runs. */
#include <ebur128.h>
#include <string.h>

#include "work.h"

static void run_ebur128(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  static float interleaved[2 * BLOCK_MAX];
  for (uint32_t n = 0; n < frames; n++) interleaved[2 * n] = in[0][n], interleaved[2 * n + 1] = in[1][n];
  ebur128_add_frames_float(w->self, interleaved, frames);
  for (int c = 0; c < 2; c++) memcpy(out[c], in[c], frames * sizeof(float));
}

int add_ebur128(work *list, double rate) {
  int mode =
      EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM;
  *list = (work){"meter", "libebur128", run_ebur128, ebur128_init(2, (unsigned long)rate, mode)};
  return 1;
}
