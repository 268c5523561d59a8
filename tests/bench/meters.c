/* Our M, S, I, LRA and true peak as libebur128 counts them: the kernels alone, and with the book that the daemon reads ten times a second. */
#include <stdlib.h>
#include <string.h>

#include "fpu.h"
#include "loudness.h"
#include "loudness_book.h"
#include "truepeak.h"
#include "work.h"

enum { READINGS_PER_SECOND = 10, BINS_MOST = 256 };

typedef struct {
  loudness_coefs loudness_coefs;
  truepeak_coefs truepeak_coefs;
  loudness loudness;
  truepeak truepeak;
  loudness_book book;
  uint64_t from, lost;
  uint32_t every_frames, since_frames;
} meter;

static void run_meter(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  static double planar[2][BLOCK_MAX];
  meter *m = w->self;
  uint64_t fpu = fpu_enter();
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < frames; n++) planar[c][n] = (double)in[c][n];
  loudness_process(&m->loudness, &m->loudness_coefs, planar[0], planar[1], frames);
  truepeak_process(&m->truepeak, &m->truepeak_coefs, planar[0], planar[1], frames);
  fpu_leave(fpu);
  for (int c = 0; c < 2; c++) memcpy(out[c], in[c], frames * sizeof(float));
}

static void run_meter_read(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  meter *m = w->self;
  run_meter(w, in, out, frames);
  if ((m->since_frames += frames) < m->every_frames) return;
  m->since_frames -= m->every_frames;
  double bins[BINS_MOST];
  loudness_reading reading;
  uint32_t count = loudness_collect(&m->loudness, &m->from, bins, BINS_MOST, &m->lost);
  loudness_book_add(&m->book, bins, count);
  loudness_book_read(&m->book, &reading);
}

static meter *make(double rate) {
  stream_format format = {rate, LATENCY_NORMAL};
  size_t bytes = (sizeof(meter) + 63) / 64 * 64;
  meter *m = memset(aligned_alloc(64, bytes), 0, bytes);
  loudness_design(&m->loudness_coefs, &format);
  truepeak_design(&m->truepeak_coefs, &format);
  loudness_reset(&m->loudness);
  truepeak_reset(&m->truepeak);
  loudness_book_reset(&m->book);
  m->every_frames = (uint32_t)rate / READINGS_PER_SECOND;
  return m;
}

int add_meters(work *list, double rate) {
  list[0] = (work){"meter", "masterd M S I LRA TP", "constant", run_meter, 0, make(rate), 1};
  list[1] = (work){"meter", "masterd M S I LRA TP", "silence", run_meter, 0, make(rate), 0};
  list[2] = (work){"meter", "masterd M S I LRA TP, read at 10 Hz", "constant", run_meter_read, 0, make(rate), 1};
  return 3;
}
