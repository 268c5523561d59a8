/* Steve Harris's SC4 compressor (Debian swh-plugins), by LADSPA's plain C interface, declared here as far as it is used. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

typedef struct ladspa_descriptor {
  unsigned long id;
  const char *label;
  int properties;
  const char *name, *maker, *copyright;
  unsigned long port_count;
  const int *port_kinds;
  const char *const *port_names;
  const void *port_hints;
  void *implementation;
  void *(*instantiate)(const struct ladspa_descriptor *, unsigned long rate);
  void (*connect_port)(void *, unsigned long port, float *);
  void (*activate)(void *);
  void (*run)(void *, unsigned long frames);
} ladspa_descriptor;

typedef struct {
  const ladspa_descriptor *descriptor;
  void *handle;
  float control[16];
} sc4;

/* SC4's ports: rms/peak, attack, release, threshold, ratio, knee, make-up, amplitude out, reduction out, in L, R, out L, R. */
enum { AUDIO_PORT = 9 };

static void run_sc4(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  sc4 *s = w->self;
  for (unsigned long c = 0; c < 2; c++) {
    s->descriptor->connect_port(s->handle, AUDIO_PORT + c, (float *)(uintptr_t)in[c]);
    s->descriptor->connect_port(s->handle, AUDIO_PORT + 2 + c, out[c]);
  }
  s->descriptor->run(s->handle, frames);
}

int add_ladspa(work *list, double rate) {
  void *library = dlopen("/usr/lib/ladspa/sc4_1882.so", RTLD_NOW);
  if (!library) return 0;
  const ladspa_descriptor *(*find)(unsigned long);
  *(void **)&find = dlsym(library, "ladspa_descriptor");
  sc4 *s = calloc(1, sizeof *s);
  s->descriptor = find(0);
  s->handle = s->descriptor->instantiate(s->descriptor, (unsigned long)rate);
  const float settings[] = {1, 20, 200, -24, 3, 6, 0, 0, 0};
  memcpy(s->control, settings, sizeof settings);
  for (unsigned long port = 0; port < AUDIO_PORT; port++) s->descriptor->connect_port(s->handle, port, &s->control[port]);
  if (s->descriptor->activate) s->descriptor->activate(s->handle);
  *list = (work){"compressor", "SWH SC4", "constant", run_sc4, 0, s, 1};
  return 1;
}
