/* The knob of jackplay: a MIDI port whose events lie on the same time axis as what is played and recorded, to the frame. */
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void jack_midi_clear_buffer(void *);
int jack_midi_event_write(void *, uint32_t at, const unsigned char *bytes, size_t size);

typedef struct {
  uint32_t frame;
  unsigned char bytes[3], size;
} midi_event;

static midi_event *midi;
static size_t midi_count, midi_sent;
static unsigned long midi_lost; /* no room in JACK's buffer */

/* The file holds midi_event after midi_event, by rising frame. */
static int load_midi(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  fseek(file, 0, SEEK_END);
  midi_count = (size_t)ftell(file) / sizeof *midi;
  rewind(file);
  midi = malloc((midi_count + 1) * sizeof *midi);
  const int read = midi && fread(midi, sizeof *midi, midi_count, file) == midi_count;
  return fclose(file) == 0 && read;
}

/* Audio thread: the events of these frames; what a lost cycle left behind goes out first. */
static void send_midi(void *buffer, uint64_t from, uint32_t frames) {
  for (; midi_sent < midi_count && midi[midi_sent].frame < from + frames; midi_sent++) {
    const midi_event *it = &midi[midi_sent];
    const uint32_t at = it->frame > from ? (uint32_t)(it->frame - from) : 0;
    midi_lost += jack_midi_event_write(buffer, at, it->bytes, it->size) != 0;
  }
}
