/* orders.h - what the audio thread was told to do, and at which frame it did it: with the recorded input, all it takes to render the
 * same bits again. Overwritten when nobody reads (journal.h). Audio thread. */
#pragma once
#include "engine_state.h"
#include "journal.h"

static inline void orders_note(engine *e, int32_t kind, double what, double fade_frames) {
  double record[ENGINE_ORDER_DOUBLES] = {(double)e->counters.frames, (double)kind, what, fade_frames};
  journal_post(e->orders, &e->orders_written, ENGINE_ORDERS, ENGINE_ORDER_DOUBLES, record);
}

/* The newest coefs, if newer ones lie there. */
static inline const chain_coefs *orders_take_coefs(engine *e) {
  if (mailbox_take(&e->coefs_box)) {
    e->counters.applied_serial = e->coefs[e->coefs_box.front].bypass.change.serial;
    e->counters.applied_frame = e->counters.frames;
    orders_note(e, ORDER_COEFS, (double)e->counters.applied_serial, 0);
  }
  return &e->coefs[e->coefs_box.front];
}

static inline void orders_follow_gate(engine *e) {
  if (gate_follow(&e->gate)) orders_note(e, ORDER_GATE, gate_opens(&e->gate), gate_fade_frames(&e->gate));
}
