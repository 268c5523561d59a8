/* host_portaudio.h - what PortAudio calls (PaStreamCallback, PaStreamFinishedCallback), spelled without portaudio.h.
 *
 * Two channels, 32-bit float, interleaved. One stream in both directions; or, where input and output are different devices, a stream
 * for each: the output's runs the engine, the input's only writes into the bridge that the engine hears. The struct must outlive its
 * streams, and if a device is lost, the process. */
#pragma once
#include "engine.h"

typedef struct {
  engine *engine;
  uint64_t token;      /* engine_attach */
  bridge *bridge;      /* from the input's stream, when it has its own */
  int32_t finished;    /* atomic: 1 when PortAudio has ended a stream by itself */
  int32_t abandoned;   /* atomic: 1 when nobody wants to hear from these streams again; they are told to end */
} host_portaudio;

/* Audio thread. `in` is NULL without an input in this stream: silence. Any under- or overflow in `flags` counts one xrun. */
int host_portaudio_callback(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *host);
/* The input's own audio thread. Writes into the bridge. */
int host_portaudio_input(const void *in, void *out, unsigned long frames, const void *time, unsigned long flags, void *host);
void host_portaudio_finished(void *host);
int32_t host_portaudio_gone(const host_portaudio *host); /* any thread */
