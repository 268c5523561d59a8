#include "host_jack.h"

enum { CAPTURE_LATENCY = 0 }; /* JackCaptureLatency: seen from the inputs on; the other mode from the outputs back */

static void say_gone(host_jack *host, const char *reason) {
  if (__atomic_load_n(&host->gone, __ATOMIC_ACQUIRE)) return;
  size_t length = 0;
  for (; reason && reason[length] && length + 1 < HOST_JACK_REASON_BYTES; length++) host->reason[length] = reason[length];
  host->reason[length] = 0;
  __atomic_store_n(&host->gone, 1, __ATOMIC_RELEASE);
}

int host_jack_process(uint32_t frames, void *arg) {
  host_jack *host = arg;
  float *buffer[HOST_JACK_PORTS];
  for (int port = 0; port < HOST_JACK_PORTS; port++) buffer[port] = host->port_buffer(host->port[port], frames);
  engine_process_planar(host->engine, host->token, buffer[0], buffer[1], buffer[2], buffer[3], frames);
  return 0;
}

int host_jack_xrun(void *arg) {
  host_jack *host = arg;
  if (!__atomic_load_n(&host->abandoned, __ATOMIC_RELAXED)) engine_xrun(host->engine);
  return 0;
}

int host_jack_buffer_size(uint32_t frames, void *arg) {
  host_jack *host = arg;
  __atomic_store_n(&host->block_frames, frames, __ATOMIC_RELAXED);
  return 0;
}

int host_jack_sample_rate(uint32_t sample_rate_hz, void *arg) {
  host_jack *host = arg;
  if (sample_rate_hz != host->sample_rate_hz) say_gone(host, "the server changed its sample rate");
  return 0;
}

void host_jack_latency(int mode, void *arg) {
  const host_jack *host = arg;
  const int from = mode == CAPTURE_LATENCY ? 0 : 2, to = 2 - from;
  for (int side = 0; side < 2; side++) {
    host_jack_range range;
    host->port_range(host->port[from + side], mode, &range);
    range.min += host->latency_frames, range.max += host->latency_frames;
    host->set_port_range(host->port[to + side], mode, &range);
  }
}

void host_jack_shutdown(int code, const char *reason, void *arg) {
  (void)code;
  say_gone(arg, reason);
}

void host_jack_quiet(const char *message) { (void)message; }

int32_t host_jack_gone(const host_jack *host) { return __atomic_load_n(&host->gone, __ATOMIC_ACQUIRE); }
