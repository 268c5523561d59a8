/* host_portaudio.h - what PortAudio calls (PaStreamCallback, PaStreamFinishedCallback), spelled without portaudio.h.
 *
 * Two channels, 32-bit float, interleaved. The struct must outlive the stream, and if the device is lost, the process. */
#pragma once
#include "engine.h"

typedef struct {
  engine *engine;
  uint64_t token;      /* engine_attach */
  int32_t finished;    /* atomic: 1 when PortAudio has ended the stream by itself */
  int32_t abandoned;   /* atomic: 1 when nobody wants to hear from this stream again; it is told to end */
} host_portaudio;

/* Audio thread. `in` may be NULL (an output-only device): silence. Any under- or overflow in `flags` counts one xrun. */
int host_portaudio_callback(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *host);
void host_portaudio_finished(void *host);
int32_t host_portaudio_gone(const host_portaudio *host); /* any thread */
