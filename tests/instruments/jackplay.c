/* jackplay - plays a file into JACK ports and records others beside it, sample-aligned, and judges the machine meanwhile.
 *
 *   jackplay [--server NAME] [--name NAME] [--play FILE.f32] [--record FILE.f32] [--to PORT,PORT] [--from PORT,PORT]
 *            [--tail FRAMES] [--seconds S] [--loop] [--patience S] [--canary] [--midi FILE]
 *
 * Files are raw 32-bit float, two channels interleaved. Two clients, NAME-play (out_1 out_2) and NAME-record (in_1 in_2), so that a
 * client patched between them runs between them in the same cycle: record[n] is then what was heard while play[n] was sent, and
 * what is left of a shift is the latency of what stands between. Playing starts when every port asked for is connected and is
 * through after the file, --tail more frames of silence, or --seconds; --loop starts the file again. Without --to or --from it
 * does not wait for that side. SIGTERM ends it early, with the same report; what a stalled server left out is recorded as zeros.
 * With --midi the player also has a port `knob`, waits until somebody is connected to it, and sends the events of the file
 * (jackplay_midi.h) at their frames of --play.
 *
 * Xruns while it plays are counted by a JACK xrun callback here, so the count does not depend on the client under test. --canary
 * runs a thread per processor with SCHED_FIFO 90 that sleeps 1 ms to the clock and notes every stall over 0.3 ms: an xrun within
 * 4 ms of a stall is excused, since then the machine stood still, not the program; so is one that JACK told of later, when the last
 * gap that the recorder had before it was such a stall. One JSON object on stdout, times in seconds of CLOCK_MONOTONIC:
 *   frames, cycles, period_frames, sample_rate_hz, holes [[frame, frames]...], lost_cycles, xruns, unexcused_xruns,
 *   xrun_times_s [...], canaries, stalls [[s, ms]...], longest_stall_ms, longest_gap_ms (between two recorded blocks, beyond the
 *   period between them), clock [[frame, s]...] (when this frame of --play was sent, every tenth of a second), midi_sent, midi_lost,
 *   server_lost, realtime
 *
 * The JACK ABI is declared here, so no header is needed: cc -O2 jackplay.c -l:libjack.so.0 -lpthread */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "jackplay_midi.h"

typedef struct jack_client jack_client;
typedef struct jack_port jack_port;
jack_client *jack_client_open(const char *name, int options, int *status, ...);
int jack_client_close(jack_client *);
int jack_activate(jack_client *);
uint32_t jack_get_sample_rate(jack_client *);
uint32_t jack_get_buffer_size(jack_client *);
uint32_t jack_last_frame_time(const jack_client *);
int jack_is_realtime(jack_client *);
int jack_set_process_callback(jack_client *, int (*)(uint32_t, void *), void *);
int jack_set_xrun_callback(jack_client *, int (*)(void *), void *);
void jack_on_shutdown(jack_client *, void (*)(void *), void *);
jack_port *jack_port_register(jack_client *, const char *, const char *, unsigned long flags, unsigned long);
void *jack_port_get_buffer(jack_port *, uint32_t);
const char *jack_port_name(const jack_port *);
int jack_port_connected(const jack_port *);
jack_port *jack_port_by_name(jack_client *, const char *);
int jack_connect(jack_client *, const char *, const char *);

enum { NO_START = 1, EXACT_NAME = 2, SERVER_NAME = 4 };
enum { IS_INPUT = 1, IS_OUTPUT = 2 };
enum {
  MOST_XRUNS = 1 << 17,
  MOST_STALLS = 1 << 14,
  MOST_HOLES = 1 << 12,
  MOST_CANARIES = 16,
  MOST_TICKS = 1 << 16,
  MOST_GAPS = 1 << 17
};
static const double STALL_S = 0.3e-3, EXCUSE_S = 4e-3, TICK_S = 0.1, TOLD_S = 0.2;

static struct {
  const char *server, *name, *play, *record, *midi, *to[2], *from[2];
  uint64_t tail;
  double seconds, patience;
  int loop, canary;
} want = {.name = "jackplay", .patience = 15};

static jack_client *player, *recorder;
static jack_port *out[2], *in[2], *knob;
static float *play, *record;
static uint64_t play_frames, total_frames;
static uint32_t rate_hz, period_frames;

static atomic_int running, ended, server_lost, interrupted;
static atomic_uint_least64_t cycle; /* frame time << 32 | 1: what the player did last */
static atomic_uint_least64_t cycle_position;
static uint64_t position, cycles, recorded_to, lost_cycles;
static uint64_t hole[MOST_HOLES][2];
static unsigned holes, ticks;
static struct {
  uint64_t frame;
  double s;
} tick[MOST_TICKS];
static double recorded_s, longest_gap_s;
static struct {
  double from_s, to_s;
} gap[MOST_GAPS];
static unsigned gaps;
static atomic_uint xruns;
static double xrun_s[MOST_XRUNS];

typedef struct {
  double due_s, woke_s;
} stall;
static struct {
  pthread_t thread;
  int cpu, alive;
  unsigned count;
  stall stalls[MOST_STALLS];
} canary[MOST_CANARIES];
static int canaries;

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *why, const char *what) {
  fprintf(stderr, "jackplay: %s%s%s\n", why, what ? ": " : "", what ? what : "");
  exit(2);
}

/* ---- audio thread: the player, then the client under test, then the recorder ---- */

static void play_block(float *left, float *right, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    uint64_t at = position + n;
    if (want.loop && play_frames) at %= play_frames;
    left[n] = at < play_frames ? play[2 * at] : 0;
    right[n] = at < play_frames ? play[2 * at + 1] : 0;
  }
}

static void note_time(void) {
  const double s = now_s();
  if (ticks == MOST_TICKS || (ticks && s < tick[ticks - 1].s + TICK_S)) return;
  tick[ticks].frame = position, tick[ticks++].s = s;
}

static int on_play(uint32_t frames, void *unused) {
  (void)unused;
  float *left = jack_port_get_buffer(out[0], frames), *right = jack_port_get_buffer(out[1], frames);
  void *events = knob ? jack_port_get_buffer(knob, frames) : NULL;
  memset(left, 0, frames * sizeof *left), memset(right, 0, frames * sizeof *right);
  if (events) jack_midi_clear_buffer(events);
  if (!atomic_load(&running) || atomic_load(&ended)) return 0;
  note_time();
  play_block(left, right, frames);
  if (events) send_midi(events, position, frames);
  atomic_store(&cycle_position, position);
  atomic_store(&cycle, (uint64_t)jack_last_frame_time(player) << 32 | 1);
  position += frames;
  cycles++;
  return 0;
}

static void note_hole(uint64_t upto) {
  if (upto <= recorded_to) return;
  if (holes < MOST_HOLES) hole[holes][0] = recorded_to, hole[holes++][1] = upto - recorded_to;
}

static void note_gap(uint32_t frames) {
  const double s = now_s(), period_s = (double)frames / rate_hz, gap_s = s - recorded_s - period_s;
  if (recorded_to && gap_s > longest_gap_s) longest_gap_s = gap_s;
  if (recorded_to && gap_s > period_s / 2 && gaps < MOST_GAPS) gap[gaps].from_s = s - gap_s, gap[gaps++].to_s = s;
  recorded_s = s;
}

static int on_record(uint32_t frames, void *unused) {
  (void)unused;
  const float *left = jack_port_get_buffer(in[0], frames), *right = jack_port_get_buffer(in[1], frames);
  if (!atomic_load(&running) || atomic_load(&ended)) return 0;
  if (atomic_load(&cycle) != ((uint64_t)jack_last_frame_time(recorder) << 32 | 1)) return lost_cycles++, 0;
  const uint64_t at = atomic_load(&cycle_position);
  note_gap(frames);
  note_hole(at);
  for (uint32_t n = 0; n < frames && at + n < total_frames; n++)
    record[2 * (at + n)] = left[n], record[2 * (at + n) + 1] = right[n];
  recorded_to = at + frames;
  if (recorded_to >= total_frames) atomic_store(&ended, 1);
  return 0;
}

static int on_xrun(void *unused) {
  (void)unused;
  if (!atomic_load(&running) || atomic_load(&ended)) return 0; /* when nobody watches the machine */
  const unsigned index = atomic_fetch_add(&xruns, 1);
  if (index < MOST_XRUNS) xrun_s[index] = now_s();
  return 0;
}

static void on_shutdown(void *unused) {
  (void)unused;
  atomic_store(&server_lost, 1);
}

/* ---- the canaries ---- */

static void *watch_machine(void *arg) {
  const int me = *(int *)arg;
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET((size_t)canary[me].cpu, &only);
  pthread_setaffinity_np(pthread_self(), sizeof only, &only);
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = 90})) return NULL;
  canary[me].alive = 1;
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  while (!atomic_load(&ended)) {
    due.tv_nsec += 1000000;
    if (due.tv_nsec >= 1000000000) due.tv_nsec -= 1000000000, due.tv_sec++;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    const double due_s = (double)due.tv_sec + (double)due.tv_nsec * 1e-9, woke_s = now_s();
    if (woke_s - due_s < STALL_S) continue;
    if (canary[me].count < MOST_STALLS) canary[me].stalls[canary[me].count++] = (stall){due_s, woke_s};
    clock_gettime(CLOCK_MONOTONIC, &due);
  }
  return NULL;
}

static void start_canaries(void) {
  static int number[MOST_CANARIES];
  cpu_set_t ours;
  sched_getaffinity(0, sizeof ours, &ours);
  for (int cpu = 0; cpu < CPU_SETSIZE && canaries < MOST_CANARIES; cpu++) {
    if (!CPU_ISSET((size_t)cpu, &ours)) continue;
    number[canaries] = canaries;
    canary[canaries].cpu = cpu;
    if (!pthread_create(&canary[canaries].thread, NULL, watch_machine, &number[canaries])) canaries++;
  }
}

/* Whether a canary saw a stall of at least `least_s` about that time. */
static int machine_stood_still(double from_s, double to_s, double least_s) {
  for (int c = 0; c < canaries; c++)
    for (unsigned n = 0; n < canary[c].count; n++) {
      const stall *it = &canary[c].stalls[n];
      if (to_s > it->due_s - EXCUSE_S && from_s < it->woke_s + EXCUSE_S && it->woke_s - it->due_s >= least_s) return 1;
    }
  return 0;
}

/* JACK tells of an xrun on an ordinary thread, on a busy machine tens of ms late. What it tells of is the last gap before, which
 * the audio thread timed itself: excused by a stall half as long. `told_s` never falls from call to call. */
static int excused(double told_s) {
  static unsigned before;
  while (before < gaps && gap[before].to_s < told_s + EXCUSE_S) before++;
  if (machine_stood_still(told_s, told_s, 0)) return 1;
  if (!before || told_s - gap[before - 1].to_s > TOLD_S) return 0;
  const double from_s = gap[before - 1].from_s, to_s = gap[before - 1].to_s;
  return machine_stood_still(from_s, to_s, (to_s - from_s) / 2);
}

/* ---- files, clients, connections ---- */

static void load_play(void) {
  if (!want.play) return;
  FILE *file = fopen(want.play, "rb");
  if (!file) die("cannot read", want.play);
  fseek(file, 0, SEEK_END);
  const long bytes = ftell(file);
  rewind(file);
  play_frames = (uint64_t)bytes / (2 * sizeof(float));
  play = malloc((size_t)bytes + 1);
  if (!play || fread(play, 2 * sizeof(float), play_frames, file) != play_frames) die("cannot read", want.play);
  fclose(file);
}

static void save_record(void) {
  if (!want.record) return;
  const uint64_t frames = recorded_to < total_frames ? recorded_to : total_frames;
  FILE *file = fopen(want.record, "wb");
  if (!file || fwrite(record, 2 * sizeof(float), frames, file) != frames || fclose(file)) die("cannot write", want.record);
}

static jack_client *open_client(const char *role) {
  char name[64];
  int status = 0;
  snprintf(name, sizeof name, "%s-%s", want.name, role);
  jack_client *client = jack_client_open(name, NO_START | EXACT_NAME | (want.server ? SERVER_NAME : 0), &status, want.server);
  if (!client) die("cannot become a client of the JACK server", want.server);
  return client;
}

static void open_clients(void) {
  player = open_client("play");
  recorder = open_client("record");
  rate_hz = jack_get_sample_rate(player);
  period_frames = jack_get_buffer_size(player);
  for (int side = 0; side < 2; side++) {
    out[side] = jack_port_register(player, side ? "out_2" : "out_1", "32 bit float mono audio", IS_OUTPUT, 0);
    in[side] = jack_port_register(recorder, side ? "in_2" : "in_1", "32 bit float mono audio", IS_INPUT, 0);
  }
  if (want.midi) knob = jack_port_register(player, "knob", "8 bit raw midi", IS_OUTPUT, 0);
  jack_set_process_callback(player, on_play, NULL);
  jack_set_process_callback(recorder, on_record, NULL);
  jack_set_xrun_callback(player, on_xrun, NULL);
  jack_on_shutdown(player, on_shutdown, NULL);
}

static void prepare_record(void) {
  total_frames = want.seconds > 0 ? (uint64_t)(want.seconds * rate_hz) : play_frames + want.tail;
  record = calloc(total_frames + 1, 2 * sizeof(float));
  if (!total_frames || !record) die("nothing to do, or no memory for it", NULL);
  mlockall(MCL_CURRENT | MCL_FUTURE); /* refused: page faults, which the canary does not excuse */
}

static int connected(const char *from, const char *to, jack_port *ours) {
  if (jack_port_connected(ours)) return 1;
  return jack_port_by_name(player, from) && jack_port_by_name(player, to) && jack_connect(player, from, to) == 0;
}

static void connect_all(void) {
  const double until = now_s() + want.patience;
  int left = 1;
  while (left) {
    left = knob && !jack_port_connected(knob);
    for (int side = 0; side < 2; side++) {
      if (want.to[side]) left += !connected(jack_port_name(out[side]), want.to[side], out[side]);
      if (want.from[side]) left += !connected(want.from[side], jack_port_name(in[side]), in[side]);
    }
    if (left && (now_s() > until || atomic_load(&interrupted))) die("ports to connect to did not appear", want.to[0]);
    if (left) usleep(20000);
  }
  usleep(100000); /* the graph's new order reaches every client within a few cycles */
}

static void on_signal(int number) {
  (void)number;
  atomic_store(&interrupted, 1);
}

/* ---- report ---- */

static void print_stalls(void) {
  double longest_ms = 0;
  int first = 1, alive = 0;
  printf("\"stalls\": [");
  for (int c = 0; c < canaries; c++) {
    alive += canary[c].alive;
    for (unsigned n = 0; n < canary[c].count; n++, first = 0) {
      const double ms = (canary[c].stalls[n].woke_s - canary[c].stalls[n].due_s) * 1e3;
      if (ms > longest_ms) longest_ms = ms;
      printf("%s[%.6f, %.3f]", first ? "" : ", ", canary[c].stalls[n].due_s, ms);
    }
  }
  printf("], \"canaries\": %d, \"longest_stall_ms\": %.3f, ", alive, longest_ms);
}

static void print_xruns(void) {
  const unsigned counted = atomic_load(&xruns), kept = counted < MOST_XRUNS ? counted : MOST_XRUNS;
  unsigned unexcused = counted - kept;
  printf("\"xrun_times_s\": [");
  for (unsigned n = 0; n < kept; n++) {
    unexcused += !excused(xrun_s[n]);
    printf("%s%.6f", n ? ", " : "", xrun_s[n]);
  }
  printf("], \"xruns\": %u, \"unexcused_xruns\": %u, ", counted, unexcused);
}

static void print_clock(void) {
  printf("\"clock\": [");
  for (unsigned n = 0; n < ticks; n++) printf("%s[%llu, %.6f]", n ? ", " : "", (unsigned long long)tick[n].frame, tick[n].s);
  printf("], \"longest_gap_ms\": %.3f, ", longest_gap_s * 1e3);
}

static void print_report(void) {
  printf(
      "{\"frames\": %llu, \"cycles\": %llu, \"lost_cycles\": %llu, \"period_frames\": %u, \"sample_rate_hz\": %u, \"holes\": [",
      (unsigned long long)recorded_to, (unsigned long long)cycles, (unsigned long long)lost_cycles, period_frames, rate_hz);
  for (unsigned n = 0; n < holes; n++)
    printf("%s[%llu, %llu]", n ? ", " : "", (unsigned long long)hole[n][0], (unsigned long long)hole[n][1]);
  printf("], ");
  print_xruns();
  print_stalls();
  print_clock();
  printf("\"midi_sent\": %zu, \"midi_lost\": %lu, ", midi_sent, midi_lost);
  printf("\"server_lost\": %s, \"realtime\": %s}\n", atomic_load(&server_lost) ? "true" : "false",
         jack_is_realtime(player) > 0 ? "true" : "false");
  fflush(stdout);
}

static void split_ports(char *pair, const char *ports[2]) {
  ports[0] = pair;
  char *comma = strchr(pair, ',');
  if (!comma) die("wanted two port names with a comma between", pair);
  *comma = 0;
  ports[1] = comma + 1;
}

static void read_arguments(int count, char **arg) {
  for (int n = 1; n < count; n++) {
    char *key = arg[n];
    if (!strcmp(key, "--loop")) {
      want.loop = 1;
      continue;
    }
    if (!strcmp(key, "--canary")) {
      want.canary = 1;
      continue;
    }
    if (++n >= count) die("no value for", key);
    if (!strcmp(key, "--server")) want.server = arg[n];
    else if (!strcmp(key, "--name")) want.name = arg[n];
    else if (!strcmp(key, "--play")) want.play = arg[n];
    else if (!strcmp(key, "--record")) want.record = arg[n];
    else if (!strcmp(key, "--midi")) want.midi = arg[n];
    else if (!strcmp(key, "--to")) split_ports(arg[n], want.to);
    else if (!strcmp(key, "--from")) split_ports(arg[n], want.from);
    else if (!strcmp(key, "--tail")) want.tail = strtoull(arg[n], NULL, 10);
    else if (!strcmp(key, "--seconds")) want.seconds = atof(arg[n]);
    else if (!strcmp(key, "--patience")) want.patience = atof(arg[n]);
    else die("unknown option", key);
  }
}

int main(int count, char **arg) {
  read_arguments(count, arg);
  signal(SIGTERM, on_signal), signal(SIGINT, on_signal);
  load_play();
  if (want.midi && !load_midi(want.midi)) die("cannot read", want.midi);
  open_clients();
  prepare_record();
  if (want.canary) start_canaries();
  if (jack_activate(recorder) || jack_activate(player)) die("cannot activate", NULL);
  connect_all();
  fprintf(stderr, "playing\n"); /* whoever started us may wait for this line */
  atomic_store(&running, 1);
  while (!atomic_load(&ended) && !atomic_load(&server_lost) && !atomic_load(&interrupted)) usleep(5000);
  atomic_store(&ended, 1);
  for (int c = 0; c < canaries; c++) pthread_join(canary[c].thread, NULL);
  save_record();
  print_report();
  if (atomic_load(&server_lost)) _exit(3); /* closing a client of a dead server may hang */
  jack_client_close(player), jack_client_close(recorder);
  return 0;
}
