/* libebur128 (Debian): M, S, I, LRA and true peak, by histogram; not read while it runs, and read ten times a second. */
#include <ebur128.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

typedef struct {
  ebur128_state *state;
  uint32_t every_frames, since_frames;
} peer;

static void run_ebur128(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  static float interleaved[2 * BLOCK_MAX];
  peer *p = w->self;
  for (uint32_t n = 0; n < frames; n++) interleaved[2 * n] = in[0][n], interleaved[2 * n + 1] = in[1][n];
  ebur128_add_frames_float(p->state, interleaved, frames);
  for (int c = 0; c < 2; c++) memcpy(out[c], in[c], frames * sizeof(float));
}

static void run_ebur128_read(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  peer *p = w->self;
  double reading;
  run_ebur128(w, in, out, frames);
  if ((p->since_frames += frames) < p->every_frames) return;
  p->since_frames -= p->every_frames;
  ebur128_loudness_momentary(p->state, &reading);
  ebur128_loudness_shortterm(p->state, &reading);
  ebur128_loudness_global(p->state, &reading);
  ebur128_loudness_range(p->state, &reading);
  for (unsigned c = 0; c < 2; c++) ebur128_true_peak(p->state, c, &reading);
}

static peer *make(double rate) {
  int mode =
      EBUR128_MODE_M | EBUR128_MODE_S | EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM;
  peer *p = calloc(1, sizeof *p);
  p->state = ebur128_init(2, (unsigned long)rate, mode);
  p->every_frames = (uint32_t)rate / 10;
  return p;
}

int add_ebur128(work *list, double rate) {
  list[0] = (work){"meter", "libebur128", "constant", run_ebur128, 0, make(rate), 1};
  list[1] = (work){"meter", "libebur128, read at 10 Hz", "constant", run_ebur128_read, 0, make(rate), 1};
  return 2;
}
