/* ordering.h - before mailbox.h or audio_ring.h. With SEED_RELAXED every store and exchange loses its ordering: the ordinary
 * processor hides that, ThreadSanitizer must not. */
#pragma once
#ifdef SEED_RELAXED
#undef __ATOMIC_RELEASE
#undef __ATOMIC_ACQ_REL
#define __ATOMIC_RELEASE __ATOMIC_RELAXED
#define __ATOMIC_ACQ_REL __ATOMIC_RELAXED
#endif
