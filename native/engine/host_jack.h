/* host_jack.h - what JACK calls: from its ports to the engine and back, and nothing else.
 *
 * libjack is found at run time, so its functions that the callbacks need come in as pointers. The struct must outlive the
 * client, and if the server is lost, the process: nobody can tell when libjack makes its last call. */
#pragma once
#include "engine.h"

enum { HOST_JACK_PORTS = 4, HOST_JACK_REASON_BYTES = 200 };

typedef struct {
  uint32_t min, max; /* frames: jack_latency_range_t */
} host_jack_range;

typedef struct {
  engine *engine;
  uint64_t token;                                          /* engine_attach */
  void *port[HOST_JACK_PORTS];                             /* in_1 in_2 out_1 out_2 */
  void *(*port_buffer)(void *port, uint32_t frames);       /* jack_port_get_buffer */
  void (*port_range)(void *port, int mode, host_jack_range *range);     /* jack_port_get_latency_range */
  void (*set_port_range)(void *port, int mode, host_jack_range *range); /* jack_port_set_latency_range */
  uint32_t latency_frames;                                 /* of the engine */
  uint32_t sample_rate_hz;                                 /* what the engine is designed for */
  uint32_t block_frames;                                   /* atomic: the server's period */
  int32_t gone;                                            /* atomic: 1 when the server has said good-bye */
  int32_t abandoned;                                       /* atomic: 1 when nobody wants to hear from this client again */
  char reason[HOST_JACK_REASON_BYTES];                     /* valid once `gone` */
} host_jack;

int host_jack_process(uint32_t frames, void *host);                     /* JackProcessCallback, audio thread */
int host_jack_xrun(void *host);                                         /* JackXRunCallback, notification thread */
int host_jack_buffer_size(uint32_t frames, void *host);                 /* JackBufferSizeCallback */
int host_jack_sample_rate(uint32_t sample_rate_hz, void *host);         /* JackSampleRateCallback: another rate is a loss */
/* JackLatencyCallback, notification thread: what comes out is older than what goes in by latency_frames. */
void host_jack_latency(int mode, void *host);
void host_jack_shutdown(int code, const char *reason, void *host);      /* JackInfoShutdownCallback */
void host_jack_quiet(const char *message);                              /* for jack_set_error_function: drops it */
int32_t host_jack_gone(const host_jack *host);                          /* any thread */
