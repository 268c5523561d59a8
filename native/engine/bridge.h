/* bridge.h - audio from a device with one clock to a device with another: a ring, a resampler, and a servo that keeps them together.
 *
 * The writer's callback writes and stamps, the reader's begins each block and reads it; both give the monotonic time at which they were
 * called. From the stamps of each side a DLL (clock_dll.h) knows when frames pass; what waits in the ring by both is held at
 * the writer's block + its usual lateness + margin + fade by a servo (drift_servo.h), which turns the resampler's ratio within 0.5 %.
 *
 * When a side has lost time, so that the ring runs dry or holds twice what it should, the reader fades out within BRIDGE_FADE_S over
 * frames kept back for that, centres the ring anew once it is full enough, fades in, and counts one slip. Nobody ever waits.
 * From the same stamps and frames come the same bits, whatever the speed of the machine and the length of the reads.
 *
 * NaN and Inf become 0 at the reader, more than +24 dBFS is held there (guard.h): one bad sample would be 128 bad frames. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { BRIDGE_RING_FRAMES = 1 << 17 }; /* 0.68 s at 192 kHz; at least four times what should wait */

typedef struct bridge bridge;

typedef struct {
  int32_t plays; /* 0 before the first frame, and during a slip */
  double drift_ppm; /* the writer's clock against the reader's: positive, it is faster */
  double ratio_ppm; /* of what is read now, less 1: the drift and what it takes to keep the middle */
  double delay_ms; /* from the writer's callback to the reader's, without the devices' own */
  uint64_t slips; /* times that it had to centre anew, since bridge_init */
  uint64_t unfed_frames; /* asked for since the writer was heard last */
  uint64_t nonfinite_samples; /* NaN and Inf, replaced by 0 */
} bridge_report;

/* ---- control thread ---- */
size_t bridge_size(void);
/* `memory`: bridge_size() bytes, aligned to 64. Both devices run at sample_rate_hz by their own clocks, 44100 to 192000. `margin_ms` (1 to
 * 100) is for how long either side may be late and nothing is heard of it. */
bridge *bridge_init(void *memory, double sample_rate_hz, double margin_ms);
void bridge_look(const bridge *bridge, bridge_report *report); /* any thread */
uint64_t bridge_writing_thread(const bridge *bridge); /* pthread_t of the last stamp, 0 before; any thread */

/* ---- the writer's audio thread ---- */
void bridge_write(bridge *bridge, const float *interleaved, uint32_t frames);
void bridge_stamp(bridge *bridge, uint32_t frames, uint64_t called_ns); /* after all writes of a callback of `frames` */

/* ---- the reader's audio thread ---- */
/* What is left unread of the block before passes unheard. */
void bridge_begin(bridge *bridge, uint32_t frames, uint64_t called_ns);
void bridge_read(bridge *bridge, float *interleaved, uint32_t frames); /* in all not more than the block has */
