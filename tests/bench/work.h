/* work.h - one thing to be timed: ours or a peer's, all on planar float32 stereo blocks as a plug-in host would give them. */
#pragma once
#include <stdint.h>

enum { BLOCK_MAX = 4096 };

typedef struct work work;
struct work {
  const char *group, *name;
  const char *variant; /* constant, ramping, silence, hot */
  void (*run)(work *, const float *const in[2], float *const out[2], uint32_t frames);
  void (*turn)(work *,
               uint32_t frames); /* not timed, before each block: parameters that are on their way get new targets; or 0 */
  void *self;
  float gain; /* of the programme: 0 is silence */
};

/* Each adds its works to `list` and returns how many; prepared for `rate` and blocks of `block` frames. Peers are only there when they
 * were compiled in. */
#define PEER __attribute__((weak))
int add_ours(work *list, double rate, uint32_t block, const char *params_file);
int add_meters(work *list, double rate);
PEER int add_ladspa(work *list, double rate);
PEER int add_lv2(work *list, double rate, uint32_t block);
PEER int add_ebur128(work *list, double rate);
