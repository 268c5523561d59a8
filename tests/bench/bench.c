/* bench RATE BLOCK SECONDS MUSIC PARAMS [ONLY]: times every work on the same music, rounds interleaved, so that a machine that slows down
 * slows all alike. MUSIC is interleaved float32 stereo. Prints one JSON object per work. ONLY keeps the works whose names begin so.
 * Under callgrind it leaves one dump per work instead, named "name|variant". */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "work.h"

enum { WORKS_MAX = 128, BLOCKS_MAX = 1 << 17, ROUND_FRAMES = 1 << 14, WARM_ROUNDS = 2 };

static float music[2][1 << 22], in[2][BLOCK_MAX], out[2][BLOCK_MAX];
static work works[WORKS_MAX];
/* Of all blocks, and of those during which the scheduler gave the processor to nobody else. */
typedef struct {
  float ns[BLOCKS_MAX];
  uint32_t count;
} times;
static times all[WORKS_MAX], own[WORKS_MAX];
static double changed[WORKS_MAX];

static void keep(times *t, double ns) {
  if (t->count < BLOCKS_MAX) t->ns[t->count++] = (float)ns;
}

static long times_preempted(void) {
  struct rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What callgrind collects: --toggle-collect=work_run. */
__attribute__((noinline)) void work_run(work *w, const float *const from[2], float *const into[2], uint32_t frames) {
  w->run(w, from, into, frames);
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

/* Something of known length that does nothing, about as long as an engine: what happens to it happens to everything on this machine. */
static void run_canary(work *w, const float *const from[2], float *const into[2], uint32_t frames) {
  static volatile uint64_t sink;
  uint64_t x = 1;
  for (uint32_t n = 0; n < frames * 256; n++) x = x * 6364136223846793005u + 1;
  sink = x;
  (void)w, (void)sink;
  for (int c = 0; c < 2; c++) memcpy(into[c], from[c], frames * sizeof(float));
}

static void prepare_block(const work *w, uint32_t at, uint32_t block) {
  for (int c = 0; c < 2; c++)
    for (uint32_t n = 0; n < block; n++) in[c][n] = w->gain * music[c][at + n];
}

static void run_round(int w, uint32_t from, uint32_t block, int timed) {
  const float *const source[2] = {in[0], in[1]};
  float *const into[2] = {out[0], out[1]};
  for (uint32_t at = from; at + block <= from + ROUND_FRAMES; at += block) {
    prepare_block(&works[w], at, block);
    if (works[w].turn) works[w].turn(&works[w], block);
    long preempted = timed ? times_preempted() : 0;
    double start = now_ns();
    work_run(&works[w], source, into, block);
    double took = now_ns() - start;
    if (!timed) continue;
    keep(&all[w], took);
    if (times_preempted() == preempted) keep(&own[w], took);
    changed[w] += fabs((double)out[0][block / 2] - (double)in[0][block / 2]);
  }
}

/* Always on loud music, so that whatever follows, silence too, meets filled filters and closed gains. */
static void warm_up(int w, uint32_t block) {
  float gain = works[w].gain;
  works[w].gain = 1;
  for (uint32_t r = 0; r < WARM_ROUNDS; r++) run_round(w, r * ROUND_FRAMES, block, 0);
  works[w].gain = gain;
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static double sort(times *t) {
  double sum = 0;
  for (uint32_t i = 0; i < t->count; i++) sum += (double)t->ns[i];
  qsort(t->ns, t->count, sizeof *t->ns, by_value);
  return sum / t->count;
}

static double quantile(const times *sorted, double share) { return (double)sorted->ns[(uint32_t)(sorted->count * share)]; }

static void report(int w, uint32_t block) {
  times *mine = &own[w];
  double mean = sort(mine);
  sort(&all[w]);
  printf("{\"group\": \"%s\", \"name\": \"%s\", \"variant\": \"%s\", \"block\": %u, ", works[w].group, works[w].name,
         works[w].variant, block);
  printf("\"blocks\": %u, \"preempted\": %u, \"changed\": %.4f, ", all[w].count, all[w].count - mine->count,
         changed[w] / all[w].count);
  printf("\"median_ns\": %.2f, \"mean_ns\": %.2f, \"p99_ns\": %.2f, \"p999_ns\": %.2f, \"all_p999_ns\": %.2f}\n",
         quantile(mine, 0.5) / block, mean / block, quantile(mine, 0.99) / block, quantile(mine, 0.999) / block,
         quantile(&all[w], 0.999) / block);
}

static void count_instructions(int count, uint32_t rounds, uint32_t frames, uint32_t block) {
  for (int w = 0; w < count; w++) {
    warm_up(w, block);
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    for (uint32_t r = 0; r < rounds; r++) run_round(w, (WARM_ROUNDS + r) * ROUND_FRAMES % (frames - ROUND_FRAMES), block, 0);
    char name[128];
    snprintf(name, sizeof name, "%s|%s", works[w].name, works[w].variant);
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION; /* what warms up need not be counted, and runs several times faster */
  }
  printf("{\"v3\": %d, \"frames\": %u}\n", __builtin_cpu_supports("x86-64-v3") != 0, rounds * (ROUND_FRAMES / block * block));
}

static void measure_times(int count, uint32_t rounds, uint32_t frames, uint32_t block) {
  for (int w = 0; w < count; w++) warm_up(w, block);
  for (uint32_t r = 0; r < rounds; r++)
    for (int w = 0; w < count; w++) run_round(w, r * ROUND_FRAMES % (frames - ROUND_FRAMES), block, 1);
  for (int w = 0; w < count; w++) report(w, block);
}

static int keep_only(int count, const char *only) {
  int kept = 0;
  for (int w = 0; w < count; w++)
    if (!strncmp(only, works[w].name, strlen(only))) works[kept++] = works[w];
  return kept;
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "bench RATE BLOCK SECONDS MUSIC PARAMS [ONLY]\n"), 2;
  double rate = atof(argv[1]);
  uint32_t block = (uint32_t)atoi(argv[2]), frames = read_music(argv[4]);
  const char *only = argc > 6 ? argv[6] : "";
  works[0] = (work){"machine", "canary", "constant", run_canary, 0, 0, 1};
  int count = 1 + add_ours(works + 1, rate, block, argv[5]);
  count += add_meters(works + count, rate);
  if (add_lv2 && strncmp(only, "masterd", 7)) {
    count += add_ladspa(works + count, rate);
    count += add_ebur128(works + count, rate);
    count += add_lv2(works + count, rate, block);
  }
  count = keep_only(count, only);
  uint32_t rounds = (uint32_t)(atof(argv[3]) * rate / ROUND_FRAMES);
  if (RUNNING_ON_VALGRIND) count_instructions(count, rounds, frames, block);
  else measure_times(count, rounds, frames, block);
  return 0;
}
