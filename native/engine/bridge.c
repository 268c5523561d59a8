/* bridge.c - the reader's side of a bridge decides, the writer's only tells. */
#include "bridge.h"

#include <pthread.h>

#include "bridge_state.h"

static double seconds(uint64_t time_ns) { return (double)time_ns * 1e-9; }

/* ---- control thread ---- */

size_t bridge_size(void) { return sizeof(bridge); }

bridge *bridge_init(void *memory, double sample_rate_hz, double margin_ms) {
  bridge *b = memset(memory, 0, sizeof(bridge)); /* touches every page */
  b->sample_rate_hz = sample_rate_hz;
  b->margin_frames = margin_ms * sample_rate_hz / 1000;
  b->fade_frames = (uint32_t)(BRIDGE_FADE_S * sample_rate_hz);
  b->stride = resampler_stride(0);
  resampler_design(&b->coefs);
  clock_dll_init(&b->writer, sample_rate_hz);
  clock_dll_init(&b->reader, sample_rate_hz);
  mailbox_init(&b->readings);
  for (int at = 0; at < MAILBOX_THINGS; at++) b->reading[at].frame_s = 1 / sample_rate_hz;
  audio_ring_init(&b->ring, b->samples, BRIDGE_RING_FRAMES);
  return b;
}

void bridge_look(const bridge *b, bridge_report *report) {
  const bridge_board *board = &b->board;
  *report = (bridge_report){
      .plays = (int32_t)__atomic_load_n(&board->plays, __ATOMIC_RELAXED),
      .drift_ppm = (double)__atomic_load_n(&board->drift_ppt, __ATOMIC_RELAXED) * 1e-6,
      .ratio_ppm = (double)__atomic_load_n(&board->ratio_ppt, __ATOMIC_RELAXED) * 1e-6,
      .delay_ms = (double)__atomic_load_n(&board->delay_ns, __ATOMIC_RELAXED) * 1e-6,
      .slips = __atomic_load_n(&board->slips, __ATOMIC_RELAXED),
      .unfed_frames = __atomic_load_n(&board->unfed_frames, __ATOMIC_RELAXED),
      .nonfinite_samples = __atomic_load_n(&board->nonfinite_samples, __ATOMIC_RELAXED),
  };
}

uint64_t bridge_writing_thread(const bridge *b) { return __atomic_load_n(&b->writing_thread, __ATOMIC_RELAXED); }

/* ---- writer ---- */

/* What does not fit is lost; the reader has been away for so long that it centres anew anyway. */
void bridge_write(bridge *b, const float *interleaved, uint32_t frames) { audio_ring_write(&b->ring, interleaved, frames); }

void bridge_stamp(bridge *b, uint32_t frames, uint64_t called_ns) {
  clock_dll_tick(&b->writer, frames, seconds(called_ns));
  if (frames > b->block_frames) b->block_frames = frames;
  b->reading[b->readings.back] = (bridge_reading){.written = b->ring.written,
                                                  .time_s = clock_dll_time_s(&b->writer),
                                                  .frame_s = b->writer.frame_s,
                                                  .step_frames = b->block_frames + b->writer.usual_late_s * b->sample_rate_hz,
                                                  .is_known = b->writer.windows > 0};
  mailbox_post(&b->readings);
  __atomic_store_n(&b->writing_thread, (uint64_t)pthread_self(), __ATOMIC_RELAXED);
}

/* ---- reader: how much waits, seen from the end of the block that begins ---- */

static const bridge_reading *newest(const bridge *b) { return &b->reading[b->readings.front]; }

/* Where the block will have read to, in the ring's count. */
static double read_after(const bridge *b, uint32_t frames) {
  return (double)b->ring.read + ((double)b->resampler.place + (double)frames * (double)b->stride) * 0x1p-48;
}

/* Frames that are really there, and frames that are there by both clocks: the writer's run on between its callbacks. */
static double held_frames(const bridge *b, uint32_t frames) {
  return (double)b->ring.read + (double)audio_ring_waiting(&b->ring) - read_after(b, frames);
}
static double due_frames(const bridge *b, uint32_t frames) {
  const bridge_reading *writer = newest(b);
  double since_frames = (clock_dll_time_s(&b->reader) - writer->time_s) / writer->frame_s;
  return (double)writer->written + since_frames - read_after(b, frames);
}

/* What should be there by both clocks; a step less when the writer's callback is about to come. */
static double wanted_frames(const bridge *b) { return newest(b)->step_frames + b->margin_frames + b->fade_frames; }

/* ---- reader: frames from ring to resampler, and sound from there ---- */

static void take(bridge *b, uint32_t frames) {
  double *left = resampler_entry(&b->resampler, 0), *right = resampler_entry(&b->resampler, 1);
  uint32_t given = audio_ring_read(&b->ring, b->pairs, frames);
  memset(b->pairs + 2 * given, 0, 2 * (frames - given) * sizeof *b->pairs);
  for (uint32_t n = 0; n < frames; n++) left[n] = (double)b->pairs[2 * n], right[n] = (double)b->pairs[2 * n + 1];
  guard(left, frames, &b->guarded);
  guard(right, frames, &b->guarded);
}

static double fade_gain(const bridge *b) {
  double level = (double)b->level_frames / b->fade_frames;
  return level * level * (3 - 2 * level);
}

static void fade(bridge *b, uint32_t frames) {
  for (uint32_t n = 0; n < frames; n++) {
    if (b->phase == BRIDGE_LEAVES) b->level_frames--;
    else if (b->level_frames < b->fade_frames) b->level_frames++;
    else return;
    double gain = fade_gain(b);
    b->left[n] *= gain, b->right[n] *= gain;
  }
}

/* Up to a chunk of sound; how many frames of it there are. */
static uint32_t sound(bridge *b, uint32_t frames) {
  if (b->phase == BRIDGE_WAITS) return 0;
  if (b->phase == BRIDGE_LEAVES && frames > b->level_frames) frames = b->level_frames;
  take(b, resampler_takes(&b->resampler, b->stride, frames));
  resampler_process(&b->resampler, &b->coefs, b->stride, b->left, b->right, frames);
  fade(b, frames);
  if (b->phase == BRIDGE_LEAVES && !b->level_frames) b->phase = BRIDGE_WAITS;
  return frames;
}

static uint32_t chunk_of(uint32_t frames) { return frames < RESAMPLER_CHUNK_FRAMES ? frames : RESAMPLER_CHUNK_FRAMES; }

void bridge_read(bridge *b, float *interleaved, uint32_t frames) {
  for (uint32_t at = 0, some; at < frames; at += some) {
    some = chunk_of(frames - at);
    uint32_t sounding = sound(b, some);
    float *pairs = interleaved + 2 * (size_t)at;
    for (uint32_t n = 0; n < sounding; n++) pairs[2 * n] = (float)b->left[n], pairs[2 * n + 1] = (float)b->right[n];
    memset(pairs + 2 * sounding, 0, 2 * (some - sounding) * sizeof *pairs);
  }
  b->unread_frames = frames < b->unread_frames ? b->unread_frames - frames : 0;
}

static void pass_unread(bridge *b) {
  for (uint32_t some; b->phase == BRIDGE_PLAYS && b->unread_frames; b->unread_frames -= some) {
    some = chunk_of(b->unread_frames);
    take(b, resampler_takes(&b->resampler, b->stride, some));
    resampler_pass(&b->resampler, b->stride, some);
  }
  if (b->phase == BRIDGE_LEAVES && b->unread_frames) b->phase = BRIDGE_WAITS;
}

/* ---- reader: a block begins ---- */

static void skip(bridge *b, double frames) {
  for (uint32_t left = (uint32_t)frames, some; left; left -= some) {
    some = chunk_of(left);
    take(b, some);
    resampler_remember(&b->resampler, some);
  }
}

/* Passes over what is too much, and begins to fade in with a resampler that has heard what came before. */
static void join(bridge *b, double surplus_frames) {
  skip(b, RESAMPLER_TAPS + surplus_frames);
  b->resampler.place = 0;
  drift_servo_rejoin(&b->servo);
  b->level_frames = 0;
  b->phase = BRIDGE_PLAYS;
}

/* By both clocks, and never more than is there: a clock that has just lost time does not know it yet. Until then the ring is kept from
 * filling up, since what comes when it is full leaves a gap. */
static void join_when_enough(bridge *b, uint32_t frames) {
  double wanted = wanted_frames(b), held = held_frames(b, frames), due = due_frames(b, frames);
  double surplus = (due < held + newest(b)->step_frames ? due : held + newest(b)->step_frames) - wanted - RESAMPLER_TAPS;
  if (newest(b)->is_known && b->reader.windows && surplus >= 0) join(b, surplus);
  else if (held > 2 * wanted) skip(b, held - wanted);
}

static void leave(bridge *b) {
  b->phase = BRIDGE_LEAVES;
  b->slips++;
}

/* Where the clocks say what cannot be, since one of them has lost time and its DLL has not closed the window yet, the ratio stays. */
static void steer(bridge *b, uint32_t frames) {
  double due = due_frames(b, frames), held = held_frames(b, frames), tolerated = newest(b)->step_frames + b->margin_frames;
  if (due - held > tolerated || held - due > tolerated) return;
  double error_s = (due - wanted_frames(b)) / b->sample_rate_hz;
  b->stride = resampler_stride(drift_servo_follow(&b->servo, error_s, frames / b->sample_rate_hz));
}

/* Kept back: what a fade takes, and what its rounding may. Too much is only what by the clocks is too much as well: a reader that is
 * late, and will catch up, finds as much; half of the ring is another matter. */
static void play_on(bridge *b, uint32_t frames) {
  steer(b, frames);
  double held = held_frames(b, frames), most = 2 * wanted_frames(b);
  int too_little = held < b->fade_frames * (1 + CLOCK_MOST_DEVIATION) + 2;
  if (too_little || (held > most && due_frames(b, frames) > most) || held > BRIDGE_RING_FRAMES / 2) leave(b);
}

static void tell(bridge *b, uint32_t frames) {
  bridge_board *board = &b->board;
  double delay_s = (due_frames(b, frames) + frames + RESAMPLER_LATENCY_FRAMES) / b->sample_rate_hz;
  int plays = b->phase == BRIDGE_PLAYS;
  __atomic_store_n(&board->plays, plays, __ATOMIC_RELAXED);
  __atomic_store_n(&board->drift_ppt, (int64_t)(b->servo.integral * 1e12), __ATOMIC_RELAXED);
  __atomic_store_n(&board->ratio_ppt, (int64_t)(((double)b->stride * 0x1p-48 - 1) * 1e12), __ATOMIC_RELAXED);
  __atomic_store_n(&board->delay_ns, plays ? (int64_t)(delay_s * 1e9) : 0, __ATOMIC_RELAXED);
  __atomic_store_n(&board->slips, b->slips, __ATOMIC_RELAXED);
  __atomic_store_n(&board->unfed_frames, b->unfed_frames, __ATOMIC_RELAXED);
  __atomic_store_n(&board->nonfinite_samples, b->guarded.nonfinite, __ATOMIC_RELAXED);
}

void bridge_begin(bridge *b, uint32_t frames, uint64_t called_ns) {
  pass_unread(b);
  b->unfed_frames = mailbox_take(&b->readings) ? 0 : b->unfed_frames + frames;
  clock_dll_tick(&b->reader, frames, seconds(called_ns));
  b->unread_frames = frames;
  if (b->phase == BRIDGE_WAITS) join_when_enough(b, frames);
  else if (b->phase == BRIDGE_PLAYS) play_on(b, frames);
  tell(b, frames);
}
