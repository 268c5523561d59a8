/* ramp.h - a vector of doubles that walks a straight line over a counted number of frames.
 *
 * Law:  step = (target - now) / frames;  before frame n of the ramp (n = 1 .. frames):  now = now + step;  after the last frame
 * now = target, exactly. The counter belongs to whoever owns the vectors, so one counter can serve many of them:
 *
 *     left_frames = ramp_aim(now, step, target, COUNT, frames);      on a change; 0 when there is nowhere to go
 *     n = ramp_span(left_frames, frames);                            how far the coming stretch may reach
 *     for each of n frames { ramp_advance(now, step, COUNT); ... }   or the same sums in the owner's own vectors
 *     if (left_frames && !(left_frames -= n)) ramp_land(now, step, target, COUNT);
 *
 * The walk adds step after step, so it does not matter how a stretch is cut into blocks. Audio thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Aims `now` at `target`; 0 frames lands at once. Returns the frames left to go: 0 when it has arrived. */
static inline uint32_t ramp_aim(double *now, double *step, const double *target, size_t count, uint32_t frames) {
  int moves = 0;
  for (size_t i = 0; i < count; i++) {
    step[i] = frames ? (target[i] - now[i]) / frames : 0.0;
    moves |= target[i] != now[i];
  }
  if (!frames)
    for (size_t i = 0; i < count; i++) now[i] = target[i];
  return moves ? frames : 0;
}

/* The longest stretch, at most `frames`, in which a ramp with `left_frames` to go does not end before the stretch does. */
static inline uint32_t ramp_span(uint32_t left_frames, uint32_t frames) {
  return left_frames && left_frames < frames ? left_frames : frames;
}

static inline void ramp_advance(double *now, const double *step, size_t count) {
  for (size_t i = 0; i < count; i++) now[i] += step[i];
}

static inline void ramp_land(double *now, double *step, const double *target, size_t count) {
  for (size_t i = 0; i < count; i++) now[i] = target[i], step[i] = 0.0;
}
