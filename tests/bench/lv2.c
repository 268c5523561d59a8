/* LV2 peers through lilv, from Debian: LSP's equaliser, compressors and limiter (lsp-plugins-lv2), Calf's multiband compressor
 * (calf-plugins), the x42 true-peak limiter (x42-plugins). */
#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "work.h"

enum { PORTS_MAX = 512, ATOM_BYTES = 65536 };

typedef struct {
  const char *symbol;
  float value;
} setting;

typedef struct {
  LilvInstance *instance;
  float control[PORTS_MAX];
  uint32_t audio_in[2], audio_out[2];
  char *atoms[PORTS_MAX];
  int is_input[PORTS_MAX];
} plugin;

static LilvWorld *world;

static char *uris[4096];
static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri) {
  (void)handle;
  uint32_t i = 0;
  for (; uris[i]; i++)
    if (!strcmp(uris[i], uri)) return i + 1;
  uris[i] = strdup(uri);
  return i + 1;
}
static const char *unmap_uri(LV2_URID_Unmap_Handle handle, LV2_URID id) {
  (void)handle;
  return uris[id - 1];
}

/* Work that a plug-in puts off (loading, redrawing) is dropped: none of it is sound. */
static LV2_Worker_Status drop_work(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data) {
  (void)handle, (void)size, (void)data;
  return LV2_WORKER_SUCCESS;
}

static void run_plugin(work *w, const float *const in[2], float *const out[2], uint32_t frames) {
  plugin *p = w->self;
  for (int c = 0; c < 2; c++) {
    lilv_instance_connect_port(p->instance, p->audio_in[c], (void *)(uintptr_t)in[c]);
    lilv_instance_connect_port(p->instance, p->audio_out[c], out[c]);
  }
  for (uint32_t port = 0; port < PORTS_MAX; port++) {
    if (!p->atoms[port]) continue;
    LV2_Atom_Sequence *sequence = (LV2_Atom_Sequence *)p->atoms[port];
    sequence->atom.type = map_uri(0, p->is_input[port] ? LV2_ATOM__Sequence : LV2_ATOM__Chunk);
    sequence->atom.size = p->is_input[port] ? sizeof(LV2_Atom_Sequence_Body) : ATOM_BYTES - sizeof(LV2_Atom);
  }
  lilv_instance_run(p->instance, frames);
}

static const LV2_Feature *const *features(uint32_t block) {
  static LV2_URID_Map map = {0, map_uri};
  static LV2_URID_Unmap unmap = {0, unmap_uri};
  static LV2_Worker_Schedule schedule = {0, drop_work};
  static int32_t least, most;
  static LV2_Options_Option options[4];
  least = 1, most = (int32_t)block;
  options[0] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE,      0,     map_uri(0, LV2_BUF_SIZE__minBlockLength), 4,
                                    map_uri(0, LV2_ATOM__Int), &least};
  options[1] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE,      0,    map_uri(0, LV2_BUF_SIZE__maxBlockLength), 4,
                                    map_uri(0, LV2_ATOM__Int), &most};
  static LV2_Feature list[5];
  list[0] = (LV2_Feature){LV2_URID__map, &map};
  list[1] = (LV2_Feature){LV2_URID__unmap, &unmap};
  list[2] = (LV2_Feature){LV2_WORKER__schedule, &schedule};
  list[3] = (LV2_Feature){LV2_OPTIONS__options, options};
  list[4] = (LV2_Feature){LV2_BUF_SIZE__boundedBlockLength, 0};
  static const LV2_Feature *pointers[] = {&list[0], &list[1], &list[2], &list[3], &list[4], 0};
  return pointers;
}

static void connect_ports(plugin *p, const LilvPlugin *description, const setting *settings) {
  LilvNode *audio = lilv_new_uri(world, LILV_URI_AUDIO_PORT), *input = lilv_new_uri(world, LILV_URI_INPUT_PORT);
  LilvNode *control = lilv_new_uri(world, LILV_URI_CONTROL_PORT);
  int ins = 0, outs = 0;
  for (uint32_t i = 0; i < lilv_plugin_get_num_ports(description); i++) {
    const LilvPort *port = lilv_plugin_get_port_by_index(description, i);
    p->is_input[i] = lilv_port_is_a(description, port, input);
    if (lilv_port_is_a(description, port, audio)) {
      if (p->is_input[i]) p->audio_in[ins++ & 1] = i;
      else p->audio_out[outs++ & 1] = i;
      continue;
    }
    if (!lilv_port_is_a(description, port, control)) {
      p->atoms[i] = calloc(1, ATOM_BYTES);
      lilv_instance_connect_port(p->instance, i, p->atoms[i]);
      continue;
    }
    LilvNode *preset = 0;
    lilv_port_get_range(description, port, &preset, 0, 0);
    p->control[i] = preset ? lilv_node_as_float(preset) : 0;
    const char *symbol = lilv_node_as_string(lilv_port_get_symbol(description, port));
    for (const setting *s = settings; s->symbol; s++)
      if (!strcmp(s->symbol, symbol)) p->control[i] = s->value;
    lilv_instance_connect_port(p->instance, i, &p->control[i]);
  }
}

static int add(work *list, const char *group, const char *name, const char *uri, double rate, uint32_t block,
               const setting *settings) {
  LilvNode *node = lilv_new_uri(world, uri);
  const LilvPlugin *description = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(world), node);
  plugin *p = calloc(1, sizeof *p);
  if (!description || !(p->instance = lilv_plugin_instantiate(description, rate, features(block)))) {
    fprintf(stderr, "bench: no %s here (%s)\n", name, uri);
    return 0;
  }
  connect_ports(p, description, settings);
  lilv_instance_activate(p->instance);
  *list = (work){group, name, "constant", run_plugin, 0, p, 1};
  return 1;
}

enum { BELLS = 10, LSP_BANDS = 5, CALF_BANDS = 4, SETTINGS_MAX = 64, SYMBOL_MAX = 16 };

typedef struct {
  setting list[SETTINGS_MAX];
  char symbols[SETTINGS_MAX][SYMBOL_MAX];
  int count;
} settings;

/* `symbol` is a format for `index`. */
static void set(settings *s, const char *symbol, int index, float value) {
  char *name = s->symbols[s->count];
  snprintf(name, SYMBOL_MAX, symbol, index);
  s->list[s->count++] = (setting){name, value};
}

static const setting *ten_bells(void) {
  static settings s;
  for (int bell = 0; bell < BELLS; bell++) {
    set(&s, "ft_%d", bell, 1);
    set(&s, "g_%d", bell, bell % 2 ? 0.6f : 1.6f);
    set(&s, "q_%d", bell, 1);
  }
  set(&s, "ife_l", 0, 0), set(&s, "ife_r", 0, 0), set(&s, "ofe_l", 0, 0), set(&s, "ofe_r", 0, 0);
  return s.list;
}

/* Classic mode, five bands, -24 dB, 3:1; its spectrum analyser off. */
static const setting *five_bands(void) {
  static settings s;
  set(&s, "mode", 0, 0);
  for (int split = 1; split < 8; split++) set(&s, "cbe_%d", split, split < LSP_BANDS);
  for (int band = 0; band < LSP_BANDS; band++) {
    set(&s, "ce_%d", band, 1);
    set(&s, "al_%d", band, 0.063f);
    set(&s, "cr_%d", band, 3);
  }
  const float splits_hz[] = {120, 500, 2000, 6000};
  for (int split = 1; split < LSP_BANDS; split++) set(&s, "sf_%d", split, splits_hz[split - 1]);
  set(&s, "ife_l", 0, 0), set(&s, "ife_r", 0, 0), set(&s, "ofe_l", 0, 0), set(&s, "ofe_r", 0, 0);
  return s.list;
}

/* Linkwitz-Riley 24 dB/oct, four bands, -24 dB, 3:1. */
static const setting *four_bands(void) {
  static settings s;
  set(&s, "mode", 0, 0);
  for (int band = 0; band < CALF_BANDS; band++) {
    set(&s, "bypass%d", band, 0);
    set(&s, "threshold%d", band, 0.063f);
    set(&s, "ratio%d", band, 3);
    set(&s, "attack%d", band, 20);
    set(&s, "release%d", band, 200);
  }
  return s.list;
}

#define LSP "http://lsp-plug.in/plugins/lv2/"

int add_lv2(work *list, double rate, uint32_t block) {
  world = lilv_world_new();
  lilv_world_load_all(world);
  const setting half_x4[] = {{"ovs", 5}, {"th", 0.5f}, {0, 0}}, full_x4[] = {{"ovs", 15}, {"th", 0.5f}, {0, 0}};
  const setting compress[] = {{"al", 0.063f}, {"cr", 3}, {"at", 20}, {"rt", 200}, {0, 0}};
  const setting dpl[] = {{"gain", 6}, {"threshold", -1}, {"release", 0.05f}, {"truepeak", 1}, {0, 0}};
  const struct {
    const char *group, *name, *uri;
    const setting *settings;
  } peers[] = {
      {"eq", "LSP parametric EQ x16, 10 bells", LSP "para_equalizer_x16_stereo", ten_bells()},
      {"multiband", "Calf multiband, 4 bands LR4", "http://calf.sourceforge.net/plugins/MultibandCompressor", four_bands()},
      {"multiband", "LSP multiband, 5 bands classic", LSP "mb_compressor_stereo", five_bands()},
      {"compressor", "LSP compressor", LSP "compressor_stereo", compress},
      {"limiter", "LSP limiter, half x4", LSP "limiter_stereo", half_x4},
      {"limiter", "LSP limiter, full x4", LSP "limiter_stereo", full_x4},
      {"limiter", "x42 dpl, true peak", "http://gareus.org/oss/lv2/dpl#stereo", dpl},
  };
  int count = 0;
  for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
    count += add(list + count, peers[i].group, peers[i].name, peers[i].uri, rate, block, peers[i].settings);
  return count;
}
