#define _POSIX_C_SOURCE 199309L
#include "host_portaudio.h"

#include <string.h>

#include "monotonic.h"

enum { PA_CONTINUE = 0, PA_ABORT = 2 };      /* PaStreamCallbackResult */
enum { PA_ANY_XRUN = 0x1 | 0x2 | 0x4 | 0x8 }; /* input under- and overflow, output under- and overflow */

static int is_abandoned(const host_portaudio *host) { return __atomic_load_n(&host->abandoned, __ATOMIC_RELAXED); }

int host_portaudio_callback(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *arg) {
  (void)time;
  host_portaudio *host = arg;
  const int abandoned = is_abandoned(host);
  if ((flags & PA_ANY_XRUN) && !abandoned) engine_xrun(host->engine);
  if (!in) in = memset(out, 0, 2 * frames * sizeof(float)); /* the engine reads a frame before it writes it */
  engine_process_interleaved(host->engine, host->token, in, out, (uint32_t)frames);
  return abandoned ? PA_ABORT : PA_CONTINUE;
}

int host_portaudio_input(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *arg) {
  (void)out, (void)time;
  host_portaudio *host = arg;
  if (is_abandoned(host)) return PA_ABORT;
  const uint64_t called_ns = monotonic_ns();
  if (flags & PA_ANY_XRUN) engine_xrun(host->engine);
  bridge_write(host->bridge, in, (uint32_t)frames);
  bridge_stamp(host->bridge, (uint32_t)frames, called_ns);
  return PA_CONTINUE;
}

void host_portaudio_finished(void *arg) {
  host_portaudio *host = arg;
  __atomic_store_n(&host->finished, 1, __ATOMIC_RELEASE);
}

int32_t host_portaudio_gone(const host_portaudio *host) { return __atomic_load_n(&host->finished, __ATOMIC_ACQUIRE); }
