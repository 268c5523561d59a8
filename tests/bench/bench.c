/* bench RATE BLOCK SECONDS MUSIC PARAMS [ONLY]: times every work on the same music, rounds interleaved, so that a machine that slows down
 * slows all alike. MUSIC is interleaved float32 stereo. Prints one JSON object per work. With ONLY, runs that one alone (for callgrind). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "work.h"

enum { WORKS_MAX = 32, BLOCKS_MAX = 1 << 18, ROUND_FRAMES = 1 << 14 };

static float music[2][1 << 22], out[2][BLOCK_MAX];
static work works[WORKS_MAX];
static float times_ns[WORKS_MAX][BLOCKS_MAX];
static uint32_t taken[WORKS_MAX];
static double changed[WORKS_MAX];

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What callgrind collects: --toggle-collect=work_run. */
__attribute__((noinline)) void work_run(work *w, const float *const in[2], float *const into[2], uint32_t frames) {
  w->run(w, in, into, frames);
}

static uint32_t read_music(const char *file) {
  FILE *f = fopen(file, "rb");
  float frame[2];
  uint32_t n = 0;
  if (!f) perror(file), exit(2);
  for (; n < sizeof music[0] / sizeof(float) && fread(frame, sizeof frame, 1, f) == 1; n++)
    music[0][n] = frame[0], music[1][n] = frame[1];
  fclose(f);
  return n;
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void run_round(int w, uint32_t from, uint32_t block) {
  for (uint32_t at = from; at + block <= from + ROUND_FRAMES; at += block) {
    const float *const in[2] = {music[0] + at, music[1] + at};
    float *const into[2] = {out[0], out[1]};
    double start = now_ns();
    work_run(&works[w], in, into, block);
    if (taken[w] < BLOCKS_MAX) times_ns[w][taken[w]++] = (float)(now_ns() - start);
    changed[w] += fabs((double)out[0][block / 2] - (double)in[0][block / 2]);
  }
}

static void report(int w, uint32_t block) {
  float *t = times_ns[w];
  qsort(t, taken[w], sizeof *t, by_value);
  double sum = 0;
  for (uint32_t i = 0; i < taken[w]; i++) sum += (double)t[i];
  printf(
      "{\"group\": \"%s\", \"name\": \"%s\", \"block\": %u, \"median_ns\": %.2f, \"mean_ns\": %.2f, \"p99_ns\": %.2f, "
      "\"changed\": %.4f}\n",
      works[w].group, works[w].name, block, (double)t[taken[w] / 2] / block, sum / taken[w] / block,
      (double)t[(uint32_t)((double)taken[w] * 0.99)] / block, changed[w] / taken[w]);
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "bench RATE BLOCK SECONDS MUSIC PARAMS [ONLY]\n"), 2;
  double rate = atof(argv[1]);
  uint32_t block = (uint32_t)atoi(argv[2]), frames = read_music(argv[4]);
  int count = add_ours(works, rate, block, argv[5]);
  const char *only = argc > 6 ? argv[6] : 0;
  if (!only || strncmp(only, "masterd", 7)) {
    count += add_ladspa(works + count, rate);
    count += add_ebur128(works + count, rate);
    count += add_lv2(works + count, rate, block);
  }
  uint32_t rounds = (uint32_t)(atof(argv[3]) * rate / ROUND_FRAMES);
  for (uint32_t r = 0; r < rounds; r++)
    for (int w = 0; w < count; w++)
      if (!only || !strcmp(only, works[w].name)) run_round(w, r * ROUND_FRAMES % (frames - ROUND_FRAMES), block);
  for (int w = 0; w < count; w++)
    if (taken[w]) report(w, block);
  return 0;
}
