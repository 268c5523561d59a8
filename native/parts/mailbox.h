/* mailbox.h - hands the newest of a kind of thing from one thread to one other: a triple buffer. Nobody waits, nothing is torn.
 *
 * The owner keeps three things; the mailbox says whose each is. The writer fills thing[back] and posts, the reader takes and reads
 * thing[front]; the third lies in `middle`, with FRESH when it has not been taken. One writer, one reader. */
#pragma once
#include <stdint.h>

enum { MAILBOX_THINGS = 3, MAILBOX_FRESH = 4 };

typedef struct {
  _Alignas(64) uint32_t middle; /* index, and FRESH: the only word both threads touch */
  _Alignas(64) uint32_t back;   /* the writer's */
  _Alignas(64) uint32_t front;  /* the reader's */
} mailbox;

static inline void mailbox_init(mailbox *m) { *m = (mailbox){.back = 0, .middle = 1, .front = 2}; }

/* Writer: leaves thing[back] for the reader, replacing what was not taken. */
static inline void mailbox_post(mailbox *m) {
  m->back = __atomic_exchange_n(&m->middle, m->back | MAILBOX_FRESH, __ATOMIC_ACQ_REL) & ~(uint32_t)MAILBOX_FRESH;
}

/* Writer: as mailbox_post, but only if the last post still lies there; 0 and nothing done if the reader has it. */
static inline int mailbox_replace(mailbox *m) {
  uint32_t last = __atomic_load_n(&m->middle, __ATOMIC_RELAXED);
  if (!(last & MAILBOX_FRESH)) return 0;
  if (!__atomic_compare_exchange_n(&m->middle, &last, m->back | MAILBOX_FRESH, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) return 0;
  m->back = last & ~(uint32_t)MAILBOX_FRESH;
  return 1;
}

/* Reader: 1 when thing[front] is now a newer one. */
static inline int mailbox_take(mailbox *m) {
  if (!(__atomic_load_n(&m->middle, __ATOMIC_RELAXED) & MAILBOX_FRESH)) return 0;
  m->front = __atomic_exchange_n(&m->middle, m->front, __ATOMIC_ACQ_REL) & ~(uint32_t)MAILBOX_FRESH;
  return 1;
}
