/* cascade.h - state-variable sections in series on two lanes (left and right, or mid and side), each able to glide and to sleep.
 *
 * One section, one lane (trapezoidal integrators; v1 is band-pass, v2 low-pass; s1, s2 the memory):
 *     v3 = x - s2    v1 = a1 s1 + a2 v3    v2 = s2 + a2 s1 + a3 v3    y = m0 x + m1 v1 + m2 v2    s1 <- 2 v1 - s1    s2 <- 2 v2 - s2
 *     a1 = 1 / (1 + g (g + k))    a2 = g a1    a3 = g a2
 * For g, k > 0 it is stable, and so is every straight line between two such sets: a change walks (g, k, m0, m1, m2) along that
 * line, frame by frame (ramp.h). Identity is m = (1, 0, 0). A section that has arrived there falls asleep: it costs nothing and
 * lets every bit through. It wakes with clean memory, from identity.
 * Up to twelve sections run at once, section i one frame behind section i-1: the result depends on no block size and no vector width. */
#pragma once
#include "matched.h"

enum { CASCADE_LANES = 2, CASCADE_COEFS = 5, CASCADE_ABREAST = 12 };
enum { LANE_FIRST = 1, LANE_SECOND = 2, LANE_BOTH = 3 };

typedef struct {
  double now[5][2];    /* g, k, m0, m1, m2 of each lane, where they stand */
  double step[5][2];   /* and what each frame adds */
  double memory[2][2]; /* s1, s2 of each lane */
  int32_t awake;
} cascade_section;

/* Audio thread, all of it. `target` NULL means identity; lanes that are not in `lanes` are identity. `frames` 0: at once.
 * Returns the frames the way takes: 0 when the section is there. */
uint32_t cascade_aim(cascade_section *section, const svf_coefs *target, int32_t lanes, uint32_t frames);
/* To be called when those frames have passed, with the same target. */
void cascade_land(cascade_section *section, const svf_coefs *target, int32_t lanes);
/* In place, through sections[0], sections[1], ... in this order; `gliding` when any of them is on its way. */
void cascade_process(cascade_section *const *sections, uint32_t count, int32_t gliding, double *first, double *second,
                     uint32_t frames);
/* 1 while no memory is beyond +300 dBFS or not a number: nothing that is programme comes there. */
int32_t cascade_is_sane(const cascade_section *section);
void cascade_clear(cascade_section *section); /* forgets the memory, keeps the way */
void cascade_quieten(cascade_section *section); /* quiet.h; to be called on its clock */
