#include "host_portaudio.h"

enum { PA_CONTINUE = 0, PA_ABORT = 2 };      /* PaStreamCallbackResult */
enum { PA_ANY_XRUN = 0x1 | 0x2 | 0x4 | 0x8 }; /* input under- and overflow, output under- and overflow */
enum { SILENT_FRAMES = 256 };

static const float silence[2 * SILENT_FRAMES];

static void process_without_input(const host_portaudio *host, float *out, uint32_t frames) {
  while (frames) {
    const uint32_t part = frames < SILENT_FRAMES ? frames : SILENT_FRAMES;
    engine_process_interleaved(host->engine, host->token, silence, out, part);
    out += 2 * part;
    frames -= part;
  }
}

int host_portaudio_callback(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *arg) {
  (void)time;
  host_portaudio *host = arg;
  const int abandoned = __atomic_load_n(&host->abandoned, __ATOMIC_RELAXED);
  if ((flags & PA_ANY_XRUN) && !abandoned) engine_xrun(host->engine);
  if (in) engine_process_interleaved(host->engine, host->token, in, out, (uint32_t)frames);
  else process_without_input(host, out, (uint32_t)frames);
  return abandoned ? PA_ABORT : PA_CONTINUE;
}

void host_portaudio_finished(void *arg) {
  host_portaudio *host = arg;
  __atomic_store_n(&host->finished, 1, __ATOMIC_RELEASE);
}

int32_t host_portaudio_gone(const host_portaudio *host) { return __atomic_load_n(&host->finished, __ATOMIC_ACQUIRE); }
